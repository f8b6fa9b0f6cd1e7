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

/* --- loaders ---------------------------------------------------------------------------- */

static pthread_barrier_t inside;

/* slow: until another thread has got another template. whole: renders one by itself. */
static int load_slowly(cruet_ctx *c, void *arg, const char *name, char **text, size_t *len,
		       struct template_stamp *stamp)
{
	(void)c, (void)arg, (void)stamp;
	*text = strdup(name);
	if (!strcmp(name, "slow")) {
		pthread_barrier_wait(&inside);
		pthread_barrier_wait(&inside);
	} else if (!strcmp(name, "whole")) {
		free(*text);
		*text = strdup(render_with(engine, "part", NULL));
	}
	*len = *text ? strlen(*text) : 0;
	return *text ? CRUET_OK : CRUET_ENOMEM;
}

static void *get_slow(void *to)
{
	struct complaint why;

	*(const struct template **)to = engine_get(engine, NULL, "slow", &why);
	return NULL;
}

static void with_slow_loaders(bool reload)
{
	const struct template *got[2] = {NULL, NULL};
	pthread_t t[2];
	struct engine_options o;

	engine_defaults(&o);
	o.reload = reload;
	engine = engine_new(&o);
	ck_assert(engine && engine_add_loader(engine, load_slowly, NULL, NULL));
	pthread_barrier_init(&inside, NULL, 3);
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(pthread_create(&t[i], NULL, get_slow, &got[i]), 0);
	pthread_barrier_wait(&inside); /* both are asked for the same one */
	ck_assert_str_eq(render_with(engine, "whole", NULL), "part");
	pthread_barrier_wait(&inside);
	for (int i = 0; i < 2; i++) {
		pthread_join(t[i], NULL);
		ck_assert_ptr_nonnull(got[i]);
	}
	ck_assert(reload || got[0] == got[1]);
	ck_assert_str_eq(render_with(engine, reload ? "whole" : "slow", NULL),
			 reload ? "part" : "slow");
	for (int i = 0; i < 2; i++)
		engine_release(engine, got[i]);
	engine_free(engine);
	pthread_barrier_destroy(&inside);
}

START_TEST(loaders_hold_up_nobody)
{
	with_slow_loaders(false);
}
END_TEST

START_TEST(loaders_of_what_is_counted_hold_up_nobody)
{
	with_slow_loaders(true);
}
END_TEST

/* --- what comes later ------------------------------------------------------------------- */

enum { WORDS = 200 };

static int word(cruet_ctx *c, const cruet_value *args, size_t n, void *arg, cruet_value *out)
{
	(void)c, (void)args, (void)n, (void)arg;
	*out = cruet_value_int(1);
	return CRUET_OK;
}

static void *compile_and_render(void *unused)
{
	static const char source[] = "{{ 'a'|upper }}{{ nothing }}{{ 1 is odd }}{{ range(2)|list }}"
				     "{% include 'nowhere' ignore missing %}";
	const cruet_template_vars vars = {.size = sizeof vars};
	struct complaint why;

	(void)unused;
	for (int i = 0; i < WORDS; i++) {
		struct out out = {.p = NULL};
		struct template *t = engine_compile(engine, "page", source, strlen(source), &why);
		if (!t || !engine_render(engine, NULL, t, &vars, &out, &why) ||
		    strcmp(out.p, "ATrue[0, 1]") != 0)
			wrong++;
		out_fini(&out);
		template_free(t);
	}
	return NULL;
}

START_TEST(words_may_come_while_others_render)
{
	pthread_t t[2];
	char name[32];

	engine = engine_with(NULL);
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(pthread_create(&t[i], NULL, compile_and_render, NULL), 0);
	for (int i = 0; i < WORDS; i++) {
		snprintf(name, sizeof name, "word%d", i);
		for (int what = CRUET_TEMPLATE_FILTER; what <= CRUET_TEMPLATE_FUNCTION; what++)
			ck_assert(engine_add_word(engine, what, name, word, NULL));
		ck_assert(engine_add_global(engine, name, cruet_value_int(i)));
		if (i % 50 == 0)
			ck_assert(engine_add_loader(engine, load_page, NULL, NULL));
	}
	for (int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	engine_free(engine);
	ck_assert_int_eq(wrong, 0);
}
END_TEST

SUITE("jinja threads", loaders_hold_up_nobody, loaders_of_what_is_counted_hold_up_nobody,
      templates_are_shared, templates_are_counted, words_may_come_while_others_render)
