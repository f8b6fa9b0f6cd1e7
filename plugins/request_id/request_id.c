/* Gives each request a name that is found again: in log lines, on error pages, in the
 * reply, and in what a proxy has written of it. */
#include <cruet.h>
#include <cruet/svc/id.h>
#include <string.h>
#include <sys/random.h>

enum { TRUST_PROXIES = 0, TRUST_ALWAYS = 1, TRUST_NEVER = 2 };
enum { FORMAT_ID = 0, FORMAT_RANDOM = 1 };

struct config {
	const char *header;
	int32_t trust, format;
	bool reply;
};

struct state {
	cruet_key key; /* of the id in g; one per instance */
};

static bool is_token(const char *s)
{
	return *s && !s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "0123456789!#$%&'*+-.^_`|~")];
}

static int configure(cruet_app *app)
{
	const struct config *cfg = cruet_config(app);

	return is_token(cfg->header)
		       ? CRUET_OK
		       : cruet_reject(app,
				      "option header = \"%s\": expected a name such as "
				      "X-Request-Id",
				      cfg->header);
}

/* --- making one ------------------------------------------------------------------- */

/* 128 random bits in hex. */
static int make_random(cruet_ctx *c, const char **id)
{
	static const cruet_errtype error = {sizeof error, 500, "request_id", NULL};
	uint64_t bits[2];

	if (getrandom(bits, sizeof bits, 0) != sizeof bits)
		return cruet_raise(c, &error, "the system gives no random bytes");
	*id = cruet_printf(c, "%016llx%016llx", (unsigned long long)bits[0],
			   (unsigned long long)bits[1]);
	return *id ? CRUET_OK : CRUET_ENOMEM;
}

static int make_usual(cruet_ctx *c, const char **id)
{
	*id = cruet_new_id(c);
	return *id ? CRUET_OK : cruet_err(c);
}

/* --- hooks ------------------------------------------------------------------------ */

/* What may stand in a log line, a header and an address without harm. */
static bool is_id(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			     "0123456789-_.:+/=@");
	return n && n <= CRUET_ID_MAX && !s[n];
}

/* What came with the request, if that is to be believed; or NULL. */
static const char *sent(cruet_ctx *c, const struct config *cfg)
{
	if (cfg->trust == TRUST_NEVER ||
	    (cfg->trust == TRUST_PROXIES && !cruet_proxied(c)))
		return NULL;
	const char *id = cruet_header(c, cfg->header);
	return id && is_id(id) ? id : NULL;
}

/* Runs as early as a hook may, and again where the first was passed by. */
static int name(cruet_ctx *c)
{
	const struct config *cfg = cruet_config(cruet_scope(c));
	struct state *s = cruet_state(cruet_scope(c));
	const char *id = sent(c, cfg);

	int err = id			      ? CRUET_OK
		  : cfg->format == FORMAT_ID ? make_usual(c, &id)
					     : make_random(c, &id);
	if (!err)
		err = cruet_set_request_id(c, id);
	return err ? err : cruet_g_set(c, &s->key, s, NULL);
}

static int mark(cruet_ctx *c)
{
	const struct config *cfg = cruet_config(cruet_scope(c));
	const struct state *s = cruet_state(cruet_scope(c));
	int err = cruet_g_get(c, &s->key) ? CRUET_OK : name(c);

	if (err || !cfg->reply || cruet_reply_header(c, cfg->header))
		return err;
	return cruet_set_header(c, cfg->header, cruet_request_id(c));
}

static int init(cruet_app *app)
{
	struct state *s = cruet_state(app);

	s->key.name = "request_id";
	int err = cruet_on_match(app, name);
	return err ? err : cruet_after(app, mark);
}

static const cruet_option options[] = {
	CRUET_OPTION(struct config, header, STR, .def = "X-Request-Id",
		     .help = "the name of the header"),
	CRUET_OPTION(
		struct config, trust, ENUM, .def = "proxies",
		.choices = "proxies|always|never",
		.help = "whose ids are taken: proxies that are trusted, always or never"),
	CRUET_OPTION(struct config, format, ENUM, .def = "id", .choices = "id|random",
		     .help = "id (of the application), or random for 128 random bits"),
	CRUET_OPTION(struct config, reply, BOOL, .def = "true",
		     .help = "false to leave it out of replies"),
	{.name = NULL}};

CRUET_PLUGIN(request_id, .version = "0.1.0", .summary = "a name for each request",
	     .flags = CRUET_UNLOADABLE, .options = options,
	     .config_size = sizeof(struct config), .state_size = sizeof(struct state),
	     .configure = configure, .init = init);
