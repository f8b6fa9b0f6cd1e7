/* Sends replies in fewer bytes to clients that can read them: gzip or br (RFC 9110 8.4,
 * 12.5.3).
 *
 * What lies in memory is compressed as a whole, and only if it becomes smaller; files and
 * streams piece by piece. Both happen when nobody changes the reply any more, wherever the
 * plugin stands among others. A reply that could have come in another form says so in
 * Vary, also to those who get it as it is. */
#include "compress.h"

#include <stdlib.h>
#include <string.h>

#include "coder.h"

/* --- options ---------------------------------------------------------------------- */

static int check_codings(cruet_app *app, const char *const *list)
{
	if (!*list)
		return cruet_reject(app, "option codings: it is empty: expected br, gzip or both");
	for (const char *const *s = list; *s; s++)
		if (strcmp(*s, "br") != 0 && strcmp(*s, "gzip") != 0)
			return cruet_reject(app, "option codings: \"%s\": expected br or gzip", *s);
	return CRUET_OK;
}

static int configure(cruet_app *app)
{
	const struct config *cfg = cruet_config(app);
	int err = check_codings(app, cfg->codings);

	for (const char *const *s = cfg->types; !err && *s; s++) {
		const char *why = type_problem(*s);
		if (why)
			err = cruet_reject(app, "option types: \"%s\": %s", *s, why);
	}
	if (!err && cfg->min_size > cfg->max_size)
		err = cruet_reject(app, "option min_size: %llu bytes: expected at most the %llu "
					"of max_size",
				   (unsigned long long)cfg->min_size,
				   (unsigned long long)cfg->max_size);
	return err;
}

int level_of(const struct config *cfg, const char *coding)
{
	return (int)(strcmp(coding, "br") ? cfg->level : cfg->quality);
}

/* --- replies ------------------------------------------------------------------------ */

int mark_coded(cruet_ctx *c, const char *coding)
{
	int err = cruet_set_header(c, "Content-Encoding", coding);

	return err ? err : weaken_validators(c);
}

/* All of it into that much room. *got: the bytes that it took. NULL: it does not fit, or
 * there is no memory. */
static void *code_into(size_t room, struct coder *k, const void *p, size_t len, size_t *got)
{
	struct coder_bytes b = {.in = p, .in_left = len, .out_left = room};
	void *out = malloc(room ? room : 1);

	b.out = out;
	if (!out || coder_run(k, CODER_FINISH, &b) != CRUET_DONE) {
		free(out);
		return NULL;
	}
	*got = room - b.out_left;
	void *fit = realloc(out, *got);
	return fit ? fit : out;
}

/* any: also if it does not become less. */
static void *code_bytes(const void *p, size_t *len, const char *coding, int level, bool any)
{
	struct coder k;

	if (!coder_begin(&k, coding, level, (int64_t)*len))
		return NULL;
	void *out = code_into(any ? coder_bound(&k, *len) : *len - 1, &k, p, *len, len);
	coder_end(&k);
	return out;
}

static int code_whole(cruet_ctx *c, const void *p, size_t len, const char *coding)
{
	const struct config *cfg = cruet_config(cruet_scope(c));
	void *out = code_bytes(p, &len, coding, level_of(cfg, coding),
			       !cruet_accept_coding(c, "identity"));

	if (!out)
		return CRUET_OK;
	int err = mark_coded(c, coding);
	if (err) {
		free(out);
		return err;
	}
	return cruet_send(c, NULL, out, len, free);
}

/* Smaller ones gain nothing; whoever can read no other form gets it all the same. */
static bool is_large_enough(cruet_ctx *c, const struct config *cfg)
{
	int64_t len = cruet_reply_length(c);

	return len < 0 || len >= (int64_t)cfg->min_size || !cruet_accept_coding(c, "identity");
}

static int encode(cruet_ctx *c)
{
	const struct config *cfg = cruet_config(cruet_scope(c));
	size_t len;

	if (!could_be_coded(c, cfg))
		return CRUET_OK;
	int err = cruet_vary(c, "Accept-Encoding");
	const char *coding = choose_coding(c, cfg);
	if (err || !coding)
		return err;
	if (cruet_reply_status(c) == 304)
		return knows_weak_etag(c) ? weaken_validators(c) : CRUET_OK;
	if (!is_large_enough(c, cfg))
		return CRUET_OK;
	const void *p = cruet_reply_body(c, &len);
	return p ? code_whole(c, p, len, coding) : code_stream(c, coding);
}

/* --- ladder ----------------------------------------------------------------------- */

static int init(cruet_app *app)
{
	return cruet_encode(app, encode);
}

static const cruet_option options[] = {
	CRUET_OPTION(struct config, codings, LIST, .def = "br,gzip",
		     .help = "br, gzip or both; of two that a client likes as well the first"),
	CRUET_OPTION(struct config, types, LIST,
		     .def = "text/*,application/json,application/javascript,application/xml,"
			    "application/wasm,*+json,*+xml,font/ttf,font/otf",
		     .help = "types such as text/css, text/* or *+json"),
	CRUET_OPTION(struct config, min_size, SIZE, .def = "600",
		     .help = "a size: what is smaller stays as it is"),
	CRUET_OPTION(struct config, max_size, SIZE, .def = "4m", .flags = CRUET_OPT_BOUNDS,
		     .min = 0, .max = 1 << 30,
		     .help = "a size of at most 1g: what is larger stays as it is"),
	CRUET_OPTION(struct config, level, INT, .def = "6", .flags = CRUET_OPT_BOUNDS, .min = 1,
		     .max = 9, .help = "the level of gzip, 1 (fast) to 9 (small)"),
	CRUET_OPTION(struct config, quality, INT, .def = "4", .flags = CRUET_OPT_BOUNDS, .min = 0,
		     .max = 6, .help = "the quality of br, 0 (fast) to 6 (small)"),
	CRUET_OPTION(struct config, streams, INT, .def = "256", .flags = CRUET_OPT_BOUNDS,
		     .min = 0, .max = 65536,
		     .help = "how many streams and files are compressed at once, at most 65536"),
	CRUET_OPTION(struct config, secrets, ENUM, .def = "skip", .choices = "skip|compress",
		     .help = "skip, or compress for replies that may hold secrets too"),
	{.name = NULL}};

CRUET_PLUGIN(compress, .version = "0.1.0", .summary = "sends replies in fewer bytes: gzip and br",
	     .flags = CRUET_UNLOADABLE | CRUET_REPEATABLE, .options = options,
	     .config_size = sizeof(struct config), .state_size = sizeof(struct state),
	     .configure = configure, .init = init);
