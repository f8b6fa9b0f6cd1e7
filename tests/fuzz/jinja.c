/* Templates: any text is refused with a sentence, or rendered within the bounds, and streamed
 * as the same. The first byte chooses options; up to the next NUL the template, then one that it
 * may include, then its variables as JSON. */
#include "fuzz.h"

#include <cjson/cJSON.h>

#include "engine.h"
#include "node.h"
#include "stream.h"

static int load(cruet_ctx *c, void *arg, const char *name, char **text, size_t *len,
		struct template_stamp *stamp)
{
	(void)c, (void)stamp;
	if (strcmp(name, "x") != 0)
		return CRUET_ENOENT;
	*text = strdup(arg);
	CHECK(*text);
	*len = strlen(*text);
	return CRUET_OK;
}

static void take_options(uint8_t byte, struct engine_options *o)
{
	engine_defaults(o);
	o->escaping = byte & 1 ? ESCAPE_ALWAYS : ESCAPE_NEVER;
	o->syntax.trim_blocks = byte & 2;
	o->syntax.lstrip_blocks = byte & 4;
	o->syntax.keep_trailing_newline = byte & 8;
	if (byte & 16) {
		o->syntax.line_statement = "#";
		o->syntax.line_comment = "##";
	}
	o->undefined = (enum undefined)(byte >> 5 & 3);
	o->bounds = (struct bounds){
		.output = 65536, .memory = 4 << 20, .rounds = 20000, .depth = 30};
}

/* What comes bit by bit is the same text: it has nothing in front of it that takes its room,
 * and needs some memory for where it stands. */
static void check_streamed(struct engine *e, const struct template *t,
			   const cruet_template_vars *vars, const struct out *out)
{
	struct stream *s = stream_new(e, NULL, t, vars, 1 + t->len % 97);
	char part[301];
	size_t n = 0, got;
	bool same = true, chance = strstr(t->source, "random") || strstr(t->source, "lipsum");

	CHECK(s);
	while ((got = stream_take(s, part, sizeof part))) {
		same &= !out || (n + got <= out->len && !memcmp(out->p + n, part, got));
		n += got;
	}
	const struct complaint *why = stream_trouble(s);
	CHECK(!why || (why->kind && *why->what && *why->template));
	CHECK(!why || !out || !strcmp(why->kind, "MemoryError"));
	CHECK(chance || !out || (same && (why || n == out->len)));
	stream_free(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct engine_options options;
	struct complaint why;
	struct out out = {.p = NULL};
	struct arena a;
	char none[] = "";

	if (!size)
		return 0;
	arena_init(&a, 4096);
	struct cut c = cut_of(data + 1, size - 1);
	char *source = cut_at(&c, &a, '\0'), *other = cut_at(&c, &a, '\0');
	char *json = cut_at(&c, &a, '\0');
	cJSON *context = json ? cJSON_Parse(json) : NULL;
	const cruet_template_vars vars = {.size = sizeof vars, .json = context};

	take_options(*data, &options);
	struct engine *e = engine_new(&options);
	CHECK(e && engine_add_loader(e, load, NULL, other ? other : none));
	struct template *t =
		engine_compile(e, "fuzz", source ? source : "", source ? strlen(source) : 0, &why);
	bool ok = t && engine_render(e, NULL, t, &vars, &out, &why);
	if (ok)
		CHECK(out.len <= options.bounds.output && out.p && !out.p[out.len]);
	else
		CHECK(why.kind && *why.what && *why.template);
	if (t)
		check_streamed(e, t, &vars, ok ? &out : NULL);
	out_fini(&out);
	template_free(t);
	engine_free(e);
	cJSON_Delete(context);
	arena_fini(&a);
	return 0;
}
