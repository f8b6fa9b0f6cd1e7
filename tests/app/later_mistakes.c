/* Who may answer later, and how not to. */
#include "parking.h"

static cruet_app *app;
static struct parking *p;
static cruet_waker *waker; /* the last handler's; the test's to free */

static int next(cruet_ctx *c)
{
	return cruet_text(c, "in the end");
}

static int nothing(cruet_ctx *c)
{
	(void)c;
	return CRUET_LATER;
}

static int nothing_after_all(cruet_ctx *c)
{
	return cruet_resume_within(c, NULL, 0, nothing);
}

static int null_next(cruet_ctx *c)
{
	waker = cruet_waker_new(c);
	return cruet_resume(c, waker, NULL);
}

static int null_waker(cruet_ctx *c)
{
	return cruet_resume(c, NULL, next);
}

static int old_waker(cruet_ctx *c)
{
	return cruet_resume_within(c, waker, 10, next);
}

static int misuses_first(cruet_ctx *c)
{
	cruet_set_header(c, "a b", "no name");
	return cruet_resume_within(c, NULL, 10, next);
}

static void setup(void)
{
	log_lines[0] = '\0';
	waker = NULL;
	app = cruet_new("test");
	cruet_log_to(app, keep_lines, NULL);
	cruet_get(app, "/nothing", nothing);
	cruet_get(app, "/nothing_after_all", nothing_after_all);
	cruet_get(app, "/null_next", null_next);
	cruet_get(app, "/null_waker", null_waker);
	cruet_get(app, "/old_waker", old_waker);
	cruet_get(app, "/misuses_first", misuses_first);
	cruet_ctx *c = cruet_open(app); /* starts it */
	ck_assert_msg(c != NULL, "%s", cruet_problem(app));
	cruet_close(c);
}

static void teardown(void)
{
	cruet_waker_free(waker);
	if (p)
		parking_free(p);
	p = NULL;
	cruet_free(app);
}

static void serve(const char *path)
{
	if (p)
		parking_free(p);
	p = parking_new(path);
	parking_serve(app, p);
}

static void assert_mistake(const char *path, const char *sentence)
{
	char line[256];

	serve(path);
	ck_assert_int_eq(p->status, 500);
	ck_assert_int_eq(p->parks, 0);
	snprintf(line, sizeof line, "ERROR test: [id] GET %s: 500: %s\n", path + 1, sentence);
	assert_lines(line);
}

START_TEST(mistakes_are_named)
{
	assert_mistake("/nothing", "nothing returned CRUET_LATER and nothing to wait for: return "
				   "cruet_resume(...)");
	assert_mistake("/nothing_after_all", "nothing_after_all returned CRUET_LATER and nothing to "
					     "wait for: return cruet_resume(...)");
	assert_mistake("/null_waker", "cruet_resume: the waker is NULL");
	assert_mistake("/null_next", "cruet_resume: the function is NULL");
	assert_mistake("/old_waker",
		       "cruet_resume_within: the waker was made for another request");
	cruet_waker_free(waker);
	waker = NULL;
	assert_mistake("/misuses_first", "cruet_set_header: 'a b' is no header name");
}
END_TEST

START_TEST(without_a_request_there_is_nothing_to_answer)
{
	cruet_ctx *c = cruet_open(app);

	ck_assert_int_eq(cruet_resume_within(c, NULL, 0, next), CRUET_ESTATE);
	ck_assert_str_eq(cruet_err_text(c), "cruet_resume_within: there is no request to answer");
	cruet_close(c);
}
END_TEST

static int plain(cruet_ctx *c)
{
	return cruet_text(c, "plain");
}

static int hook(cruet_ctx *c)
{
	return cruet_resume_within(c, NULL, 1, next);
}

static int missing(cruet_ctx *c)
{
	(void)c;
	return 404;
}

/* An application of one handler, and a hook that wants to answer later. */
static void assert_hook_refused(int (*add)(cruet_app *, cruet_fn *), int status,
				const char *log)
{
	cruet_app *a = cruet_new("test");
	cruet_log_to(a, keep_lines, NULL);
	cruet_get(a, "/", plain);
	cruet_get(a, "/missing", missing);
	add(a, hook);
	cruet_client *t = client_of(a);
	assert_get(t, status == 404 ? "/missing" : "/", 500);
	ck_assert_msg(strstr(log_lines, log) != NULL, "%s", log_lines);
	log_lines[0] = '\0';
	cruet_client_free(t);
	cruet_free(a);
}

static int on_404(cruet_app *a, cruet_fn *fn)
{
	return cruet_on_error(a, 404, fn);
}

START_TEST(only_handlers_answer_later)
{
	static const char sentence[] =
		" returned CRUET_LATER: only the handler of a rule may answer later";
	static const struct {
		int (*add)(cruet_app *, cruet_fn *);
		int status;
		const char *who;
	} hooks[] = {{cruet_on_match, 200, "a before-hook"}, {cruet_before, 200, "a before-hook"},
		     {cruet_after, 200, "an after-hook"},    {cruet_finish, 200, "a finish-hook"},
		     {on_404, 404, "an error handler"}};

	for (size_t i = 0; i < sizeof hooks / sizeof *hooks; i++) {
		char log[128];
		snprintf(log, sizeof log, "%s%s", hooks[i].who, sentence);
		assert_hook_refused(hooks[i].add, hooks[i].status, log);
	}
}
END_TEST

SUITE_WITH("later_mistakes", setup, teardown, mistakes_are_named,
	   without_a_request_there_is_nothing_to_answer, only_handlers_answer_later)
