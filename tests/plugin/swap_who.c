/* Who can be taken out, and who may ask for it: what cannot be says why, and all serves on
 * as before. */
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "swapping.h"

/* --- who is bound to it -------------------------------------------------------------------- */

START_TEST(one_that_others_are_bound_to)
{
	put_as("shift", "shift_1");
	put("follow");
	serve("{\"plugins\": {\"shift\": {}, \"follow\": {}}}");
	assert_refused(cruet_plugin_unload(app, "shift", &why_), CRUET_EBUSY,
		       "plugin 'shift' cannot be unloaded while others are bound to it: 'follow' "
		       "(shift/1)");
	assert_page("/follow", "1.0.0");
	ck_assert_int_eq(cruet_plugin_unload(app, "follow", NULL), CRUET_OK);
	ck_assert_int_eq(cruet_plugin_unload(app, "shift", NULL), CRUET_OK);
	assert_refused(cruet_plugin_load(app, "follow", &why_), CRUET_ENOENT,
		       "plugin 'follow' needs service \"shift/1\", which no attached plugin "
		       "provides: add 'shift', which does");
	serve_no_more();
}
END_TEST

static const char *const asks[] = {"thing/1", NULL};
CRUET_PLUGIN(asker, .needs = asks);

/* It binds nothing: what it needs is looked up when a request runs. */
START_TEST(one_that_others_only_declare)
{
	put("thing_a");
	app = app_here();
	cruet_use(app, "thing_a", NULL);
	cruet_use_static(app, &cruet_plugin_asker, NULL);
	t = cruet_client_new(app);
	assert_refused(cruet_plugin_unload(app, "thing_a", &why_), CRUET_ENOENT,
		       "plugin 'asker' needs service \"thing/1\", which no attached plugin "
		       "provides: add 'thing_a', which does");
	ck_assert_int_eq(cruet_plugin_unload(app, "asker", NULL), CRUET_OK);
	ck_assert_int_eq(cruet_plugin_unload(app, "thing_a", NULL), CRUET_OK);
	serve_no_more();
}
END_TEST

START_TEST(one_that_the_program_is_bound_to)
{
	cruet_service s;

	put_as("shift", "shift_1");
	app = app_here();
	cruet_use(app, "shift", NULL);
	cruet_bind(app, "shift/1", NULL, 4, &s);
	t = cruet_client_new(app);
	assert_not_reloaded("shift", CRUET_EBUSY,
			    "plugin 'shift' cannot be taken out: the program itself is bound to it, "
			    "so this takes a new start");
	serve_no_more();
}
END_TEST

START_TEST(one_that_the_program_needs)
{
	put_as("shift", "shift_1");
	app = app_here();
	cruet_use(app, "shift", NULL);
	cruet_need(app, "shift/1");
	t = cruet_client_new(app);
	assert_refused(cruet_plugin_unload(app, "shift", &why_), CRUET_ENOENT,
		       "the application needs service \"shift/1\", which no attached plugin "
		       "provides: add 'shift', which does");
	assert_unharmed();
}
END_TEST

/* --- names --------------------------------------------------------------------------------- */

START_TEST(names_that_are_not_attached)
{
	serve_shift();
	assert_not_reloaded("shfit", CRUET_ENOENT,
			    "no plugin 'shfit' is attached: did you mean 'shift'?");
	assert_refused(cruet_plugin_unload(app, "kangaroo", &why_), CRUET_ENOENT,
		       "no plugin 'kangaroo' is attached");
	assert_refused(cruet_plugin_unload(app, NULL, &why_), CRUET_ENOENT,
		       "no plugin '' is attached");
	assert_refused(cruet_plugin_load(app, "shift", &why_), CRUET_EEXIST,
		       "plugin 'shift' is attached already: reload it");
	assert_refused(cruet_plugin_load(app, "shfit", &why_), CRUET_ENOENT,
		       "plugin 'shfit': no shfit.so in %s, %s; did you mean shift?", folder,
		       INSTALLED);
	assert_refused(cruet_plugin_load(app, "../shift", &why_), CRUET_ENOENT,
		       "plugin '../shift': a name begins with a letter and has lower-case letters, "
		       "digits and '_'");
	ck_assert_int_eq(cruet_plugin_reload(NULL, "shift", NULL), CRUET_EINVAL);
	assert_unharmed();
}
END_TEST

START_TEST(a_configuration_that_is_none)
{
	serve_shift();
	write_text("cruet.json", "{\"plugins\": {\"shift\": {}");
	assert_not_reloaded(NULL, CRUET_EPARSE,
			    "%s:1:25: expected ',' or '}', found the end of the text",
			    at("cruet.json"));
	write_text("cruet.json", "{\"plugins\": {\"shift\": {\"pth\": \"/x\"}}}");
	assert_not_reloaded(NULL, CRUET_EINVAL,
			    "plugin 'shift': unknown option pth: did you mean path?");
	assert_unharmed();
}
END_TEST

/* --- where it is called --------------------------------------------------------------------- */

static const char within[] = "plugins are not changed from within a request or a plugin, which "
			     "would wait for itself";
static sem_t ticked;
static atomic_int refusals; /* of any thread */

static void try_to_reload(void)
{
	char *why;

	ck_assert_int_eq(cruet_plugin_reload(app, "restless", &why), CRUET_ESTATE);
	ck_assert_ptr_nonnull(why);
	ck_assert_str_eq(why, within);
	free(why);
	atomic_fetch_add(&refusals, 1);
}

/* True if that was refused since it was asked last. */
static bool was_refused(void)
{
	return atomic_exchange(&refusals, 0);
}

static int restless_page(cruet_ctx *c)
{
	try_to_reload();
	return cruet_text(c, "refused");
}

static void tick(cruet_ctx *c, void *arg)
{
	(void)c, (void)arg;
	try_to_reload();
	sem_post(&ticked);
}

static void told(cruet_ctx *c, const void *what, void *arg)
{
	(void)c, (void)what, (void)arg;
	try_to_reload();
}

static int restless_init(cruet_app *a)
{
	try_to_reload();
	cruet_listen(a, "app_started", told, NULL);
	return cruet_get(a, "/restless", restless_page);
}

static void restless_stop(cruet_app *a)
{
	(void)a;
	try_to_reload();
}

CRUET_PLUGIN(restless, .init = restless_init, .stop = restless_stop);

static int clock_init(cruet_app *a)
{
	return cruet_every(a, 1, tick, NULL);
}

CRUET_PLUGIN(clock, .init = clock_init);

START_TEST(not_from_within)
{
	app = app_here();
	assert_not_reloaded("restless", CRUET_ESTATE,
			    "plugins are changed while the application serves: it has not started, or "
			    "has stopped");
	cruet_use_static(app, &cruet_plugin_restless, NULL);
	ck_assert(was_refused()); /* init */
	t = cruet_client_new(app);
	ck_assert(was_refused()); /* an event while the application starts */
	assert_page("/restless", "refused");
	reload("restless");
	ck_assert_int_eq(atomic_load(&refusals), 4); /* page, init, event, stop */
	serve_no_more();
}
END_TEST

START_TEST(not_from_a_timer)
{
	sem_init(&ticked, 0, 0);
	app = app_here();
	cruet_use_static(app, &cruet_plugin_clock, NULL);
	t = cruet_client_new(app);
	sem_wait(&ticked);
	sem_wait(&ticked);
	ck_assert(was_refused());
	serve_no_more();
}
END_TEST

/* --- a stop that blocks ----------------------------------------------------------------------- */

static sem_t let_go, gone;

static int page(cruet_ctx *c)
{
	return cruet_text(c, "mine");
}

static int blocks_init(cruet_app *a)
{
	return cruet_get(a, "/blocks", page);
}

static void blocks(cruet_app *a)
{
	(void)a;
	sem_wait(&let_go);
	sem_post(&gone);
}

CRUET_PLUGIN(blocks, .init = blocks_init, .stop = blocks);

START_TEST(a_stop_that_blocks_keeps_nobody)
{
	sem_init(&let_go, 0, 0);
	sem_init(&gone, 0, 0);
	app = app_here();
	cruet_set(app, "server.plugin_stop", "20ms");
	cruet_use_static(app, &cruet_plugin_blocks, NULL);
	t = cruet_client_new(app);
	reload("blocks");
	assert_trace("test: plugin 'blocks': stop has not returned after 20 ms: the plugin is left "
		     "as it is, its code and memory stay\n");
	assert_page("/blocks", "mine");
	*trace = '\0';
	serve_no_more(); /* the new one blocks as well, and the application ends */
	assert_trace("test: plugin 'blocks': stop has not returned after 20 ms: the plugin is left "
		     "as it is, its code and memory stay\n");
	for (int i = 0; i < 2; i++) {
		sem_post(&let_go);
		sem_wait(&gone);
	}
}
END_TEST

/* --- a thread that stays ------------------------------------------------------------------ */

static pthread_t stayer;

static void *stay(void *arg)
{
	(void)arg;
	sem_wait(&let_go);
	return NULL;
}

static int stays_start(cruet_app *a)
{
	(void)a;
	return pthread_create(&stayer, NULL, stay, NULL) ? CRUET_EAGAIN : CRUET_OK;
}

CRUET_PLUGIN(stays, .init = blocks_init, .start = stays_start);

#define STARTED                                                                          \
	"test: plugin 'stays': start has started 1 thread by itself, which nobody ends "    \
	"before its stop: use cruet_thread_start()\n"
#define LEFT                                                                             \
	"test: plugin 'stays': 1 of the threads that it started by itself still runs "      \
	"after its stop: the plugin is left as it is, its code and memory stay\n"

/* Also while the application serves, and others start threads. */
START_TEST(a_thread_that_stays_keeps_its_plugin)
{
	pthread_t both[2];

	sem_init(&let_go, 0, 0);
	app = app_here();
	cruet_use_static(app, &cruet_plugin_stays, NULL);
	t = cruet_client_new(app);
	assert_trace(STARTED);
	both[0] = stayer;
	*trace = '\0';
	reload("stays");
	assert_trace(STARTED LEFT);
	both[1] = stayer;
	assert_page("/blocks", "mine");
	*trace = '\0';
	serve_no_more();
	assert_trace(LEFT);
	sem_post(&let_go);
	sem_post(&let_go);
	for (int i = 0; i < 2; i++)
		pthread_join(both[i], NULL);
}
END_TEST

static bool fails_now;

static int ghost_init(cruet_app *a)
{
	cruet_get(a, "/ghost", page);
	if (!fails_now)
		return CRUET_OK;
	int err = pthread_create(&stayer, NULL, stay, NULL);
	return err ? CRUET_EAGAIN : CRUET_EIO;
}

CRUET_PLUGIN(ghost, .init = ghost_init);

/* What failed is no part of the application, even if it cannot go. */
START_TEST(one_that_fails_and_stays_is_no_part)
{
	sem_init(&let_go, 0, 0);
	fails_now = false;
	app = app_here();
	cruet_use_static(app, &cruet_plugin_ghost, NULL);
	t = cruet_client_new(app);
	fails_now = true;
	assert_not_reloaded("ghost", CRUET_EIO,
			    "plugin 'ghost': init failed: input or output failed");
	fails_now = false;
	reload("ghost"); /* and nothing collides */
	assert_page("/ghost", "mine");
	serve_no_more();
	sem_post(&let_go);
	pthread_join(stayer, NULL);
}
END_TEST

HOST_SUITE("swap_who", one_that_others_are_bound_to, one_that_others_only_declare,
	   one_that_the_program_is_bound_to,
	   one_that_the_program_needs, names_that_are_not_attached, a_configuration_that_is_none,
	   not_from_within, not_from_a_timer, a_stop_that_blocks_keeps_nobody,
	   a_thread_that_stays_keeps_its_plugin, one_that_fails_and_stays_is_no_part)
