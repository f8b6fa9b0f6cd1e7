/* Provides "login/1": passwords, logging in and out, and pages for those who are logged
 * in. This file is what the plugin says of itself, and its ladder. */
#include "login.h"

#include <cruet/svc/cache.h>
#include <cruet/svc/login.h>
#include <cruet/svc/session.h>
#include <cruet/svc/template.h>
#include <cruet/template.h>
#include <sodium.h>
#include <unistd.h>

/* Of themselves: more than that takes a lot of memory. */
enum { AT_ONCE_MOST = 4 };

static int configure(cruet_app *app)
{
	const struct config *cfg = cruet_config(app);

	if (cfg->memory > cfg->memory_max)
		return cruet_reject(app,
				    "option memory = %llu bytes: expected no more than "
				    "memory_max = %llu",
				    (unsigned long long)cfg->memory,
				    (unsigned long long)cfg->memory_max);
	if (cfg->memory * (uint64_t)cfg->rounds > PASSWORD_PASSES * cfg->memory_max)
		return cruet_reject(
			app,
			"option rounds = %lld: expected no more than %llu, so that "
			"%d times memory_max = %llu is not exceeded",
			(long long)cfg->rounds,
			(unsigned long long)(PASSWORD_PASSES * cfg->memory_max /
					     cfg->memory),
			PASSWORD_PASSES, (unsigned long long)cfg->memory_max);
	return CRUET_OK;
}

static const cruet_login service = {
	.size = sizeof service,
	.hash = secret_hash,
	.check = secret_check,
	.stale = secret_stale,
	.enter = user_enter,
	.leave = user_leave,
	.user = user_get,
	.require = view_require,
	.next = view_next,
};

/* out->vt stays NULL where nobody provides it. */
static int bind_if_there(cruet_app *app, const char *id, size_t need, cruet_service *out)
{
	int err = cruet_bind(app, id, NULL, need, out);

	return err == CRUET_ENOENT ? CRUET_OK : err;
}

/* Pages of any engine know who is there, where there is one. */
static int tell_templates(cruet_app *app)
{
	const cruet_value user = cruet_value_host(&cruet_login_current_user);
	cruet_service templates = {.vt = NULL};
	int err = bind_if_there(app, CRUET_TEMPLATE, CRUET_UPTO(cruet_template, global),
				&templates);
	const cruet_template *vt = templates.vt;

	return vt ? vt->global(templates.self, app, "current_user", &user) : err;
}

static int register_all(cruet_app *app, struct state *s)
{
	cruet_service session;
	int err = cruet_bind(app, CRUET_SESSION, NULL, CRUET_UPTO(cruet_session, renew),
			     &session);

	if (!err)
		err = bind_if_there(app, CRUET_CACHE, CRUET_UPTO(cruet_cache, del),
				    &s->cache);
	if (!err)
		err = tell_templates(app);
	return err ? err : cruet_provide(app, CRUET_LOGIN, &service, s);
}

/* Whoever hashes leaves the rest to those who do not. */
static size_t half_of_the_processors(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN) / 2;

	return n < 1 ? 1 : n > AT_ONCE_MOST ? AT_ONCE_MOST : (size_t)n;
}

static void fini(cruet_app *app)
{
	struct state *s = cruet_state(app);

	gate_fini(&s->gate);
	throttle_free(s->accounts);
	throttle_free(s->addresses);
}

static int init(cruet_app *app)
{
	const struct config *cfg = cruet_config(app);
	struct state *s = cruet_state(app);

	if (sodium_init() < 0)
		return cruet_reject(app, "libsodium finds no source of random numbers");
	s->cfg = cfg;
	s->app = app;
	s->cost = (struct password_cost){cfg->memory, (unsigned)cfg->rounds,
					 cfg->memory_max};
	s->at_once = cfg->at_once ? (size_t)cfg->at_once : half_of_the_processors();
	gate_init(&s->gate, s->at_once, (size_t)cfg->queue);
	s->accounts = throttle_new();
	s->addresses = throttle_new();
	int err = s->accounts && s->addresses ? register_all(app, s) : CRUET_ENOMEM;
	if (err)
		fini(app);
	return err;
}

static int start(cruet_app *app)
{
	return endpoints_check(cruet_state(app));
}

/* Nobody gets new tries by a reload. What the old one counts from now on, in requests that
 * it still has, is not known here. */
static int migrate(cruet_app *app, const cruet_predecessor *old)
{
	struct state *s = cruet_state(app);
	const struct state *before = old->state;

	if (old->state_size != sizeof *s)
		return CRUET_OK; /* of another version: its tables are not ours to read */
	throttle_copy(s->accounts, before->accounts);
	throttle_copy(s->addresses, before->addresses);
	return CRUET_OK;
}

/* clang-format off */
static const cruet_option options[] = {
	CRUET_OPTION(struct config, view, STR, .def = "", .flags = CRUET_OPT_ENDPOINT,
		     .help = "the endpoint of the page to log in, such as auth.login"),
	CRUET_OPTION(struct config, message, STR, .def = "Please log in to see this page.",
		     .help = "the message for who is sent there; empty: none"),
	CRUET_OPTION(struct config, category, STR, .def = "message",
		     .help = "the category of that message"),
	CRUET_OPTION(struct config, open, LIST, .def = "static", .flags = CRUET_OPT_ENDPOINT,
		     .help = "endpoints that need no login where a whole scope does"),
	CRUET_OPTION(struct config, protection, ENUM, .def = "agent",
		     .choices = "off|agent|strong",
		     .help = "agent (a session is for one browser), strong (and for one "
			     "address) or off"),
	CRUET_OPTION(struct config, memory, SIZE, .def = "32m", .flags = CRUET_OPT_BOUNDS,
		     .min = 1 << 20, .max = 1 << 30,
		     .help = "the memory that hashing a password takes, from 1m to 1g"),
	CRUET_OPTION(struct config, rounds, INT, .def = "2", .flags = CRUET_OPT_BOUNDS,
		     .min = 1, .max = 64,
		     .help = "how often that memory is gone over, from 1 to 64"),
	CRUET_OPTION(struct config, memory_max, SIZE, .def = "128m", .flags = CRUET_OPT_BOUNDS,
		     .min = 1 << 20, .max = 1 << 30,
		     .help = "the most memory that a stored hash may ask for, from 1m to 1g"),
	CRUET_OPTION(struct config, at_once, INT, .def = "0", .flags = CRUET_OPT_BOUNDS,
		     .min = 0, .max = 64,
		     .help = "how many passwords are hashed at once, up to 64; 0: half as "
			     "many as there are processors, from 1 to 4"),
	CRUET_OPTION(struct config, queue, INT, .def = "16", .flags = CRUET_OPT_BOUNDS,
		     .min = 0, .max = 1024,
		     .help = "how many requests may wait for that, from 0 to 1024"),
	CRUET_OPTION(struct config, wait, TIME, .def = "5s", .flags = CRUET_OPT_BOUNDS,
		     .min = 0, .max = 60000, .help = "how long they wait, at most 60s"),
	CRUET_OPTION(struct config, account_tries, INT, .def = "10", .flags = CRUET_OPT_BOUNDS,
		     .min = 0, .max = 1000000,
		     .help = "wrong passwords of one account in a window; 0: any number"),
	CRUET_OPTION(struct config, address_tries, INT, .def = "100", .flags = CRUET_OPT_BOUNDS,
		     .min = 0, .max = 1000000,
		     .help = "wrong passwords of one client in a window; 0: any number"),
	CRUET_OPTION(struct config, address_hashes, INT, .def = "100", .flags = CRUET_OPT_BOUNDS,
		     .min = 0, .max = 1000000,
		     .help = "new passwords of one client in a window; 0: any number"),
	CRUET_OPTION(struct config, window, TIME, .def = "15m", .flags = CRUET_OPT_BOUNDS,
		     .min = 1000, .max = INT64_C(86400) * 1000,
		     .help = "a time from 1s to 1d"),
	{.name = NULL}};
/* clang-format on */

static const char *const needs[] = {CRUET_SESSION, CRUET_CACHE "?", CRUET_TEMPLATE "?",
				    NULL};
static const char *const provides[] = {CRUET_LOGIN, NULL};

CRUET_PLUGIN(
	login, .version = "0.1.0",
	.summary = "passwords, logging in and out, pages for those who are logged in",
	.flags = CRUET_UNLOADABLE, .needs = needs, .provides = provides,
	.options = options, .config_size = sizeof(struct config),
	.state_size = sizeof(struct state), .configure = configure, .init = init,
	.start = start, .fini = fini, .migrate = migrate);
