/* Many threads render the same templates, which none of them has compiled yet. */
#include <pthread.h>

#include "fixture.h"

enum { THREADS = 4, ROUNDS = 200, PAGES = 100 };

static struct engine *engine;
static _Atomic int wrong;

static int load_any(cruet_ctx *c, void *arg, const char *name, char **text, size_t *len,
		    struct template_stamp *stamp)
{
	(void)c, (void)arg, (void)stamp;
	int n = asprintf(text, "%s{%% for i in range(3) %%}{{ i }}{%% endfor %%}"
			       "{%% include 'part' %%}",
			 strcmp(name, "part") != 0 ? name : "{% if 0 %}");
	if (!strcmp(name, "part"))
		strcpy(*text, "{{ x }}");
	*len = strlen(*text);
	return n < 0 ? CRUET_ENOMEM : CRUET_OK;
}

static void *hammer(void *arg)
{
	const cruet_var list[] = {{"x", cruet_value_int((intptr_t)arg)}, {NULL, {0}}};
	const cruet_template_vars vars = {.size = sizeof vars, .list = list};

	for (int i = 0; i < ROUNDS; i++) {
		char name[32], want[64];
		struct complaint why;
		struct out out = {.p = NULL};
		snprintf(name, sizeof name, "p%d", i % PAGES);
		snprintf(want, sizeof want, "%s012%d", name, (int)(intptr_t)arg);
		const struct template *t = engine_get(engine, NULL, name, &why);
		if (!t || !engine_render(engine, NULL, t, &vars, &out, &why) ||
		    strcmp(out.p, want) != 0)
			wrong++;
		engine_release(engine, t);
		out_fini(&out);
	}
	return NULL;
}

static void all_threads(bool reload)
{
	pthread_t t[THREADS];
	struct engine_options o;

	engine_defaults(&o);
	o.reload = reload;
	engine = engine_new(&o);
	ck_assert(engine && engine_add_loader(engine, load_any, NULL, NULL));
	for (intptr_t i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&t[i], NULL, hammer, (void *)i), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	engine_free(engine);
	ck_assert_int_eq(wrong, 0);
}

START_TEST(templates_are_shared)
{
	all_threads(false);
}
END_TEST

START_TEST(templates_are_counted)
{
	all_threads(true);
}
END_TEST

SUITE("jinja threads", templates_are_shared, templates_are_counted)
