/* Gives each request a name that is found again: in log lines, on error pages, in the
 * reply, and in what a proxy has written of it. */
#include <cruet.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

enum { TRUST_PROXIES = 0, TRUST_ALWAYS = 1, TRUST_NEVER = 2 };
enum { FORMAT_UUID = 0, FORMAT_RANDOM = 1 };
enum { ID_MAX = 128, MADE_LEN = 36 };

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

/* Version 7 of RFC 9562: milliseconds, then random bits; so they sort by time. */
static void mark_uuid(unsigned char id[16], uint64_t ms)
{
	for (int i = 0; i < 6; i++)
		id[i] = (unsigned char)(ms >> (40 - 8 * i));
	id[6] = (unsigned char)(0x70 | (id[6] & 0x0f));
	id[8] = (unsigned char)(0x80 | (id[8] & 0x3f));
}

static void write_hex(const unsigned char id[16], bool dashes, char out[MADE_LEN + 1])
{
	static const char digits[] = "0123456789abcdef";

	for (int i = 0; i < 16; i++) {
		if (dashes && (i == 4 || i == 6 || i == 8 || i == 10))
			*out++ = '-';
		*out++ = digits[id[i] >> 4];
		*out++ = digits[id[i] & 15];
	}
	*out = '\0';
}

static int make(cruet_ctx *c, const struct config *cfg, char out[MADE_LEN + 1])
{
	static const cruet_errtype error = {sizeof error, 500, "request_id", NULL};
	unsigned char id[16];

	if (getrandom(id, sizeof id, 0) != sizeof id)
		return cruet_raise(c, &error, "the system gives no random bytes");
	if (cfg->format == FORMAT_UUID)
		mark_uuid(id, (uint64_t)cruet_now(cruet_scope(c)));
	write_hex(id, cfg->format == FORMAT_UUID, out);
	return CRUET_OK;
}

/* --- hooks ------------------------------------------------------------------------ */

/* What may stand in a log line, a header and an address without harm. */
static bool is_id(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			     "0123456789-_.:+/=@");
	return n && n <= ID_MAX && !s[n];
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
	char made[MADE_LEN + 1];

	int err = id ? CRUET_OK : make(c, cfg, made);
	if (!err)
		err = cruet_set_request_id(c, id ? id : made);
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
	CRUET_OPTION(struct config, format, ENUM, .def = "uuid", .choices = "uuid|random",
		     .help = "uuid (version 7), or random for 128 random bits"),
	CRUET_OPTION(struct config, reply, BOOL, .def = "true",
		     .help = "false to leave it out of replies"),
	{.name = NULL}};

CRUET_PLUGIN(request_id, .version = "0.1.0", .summary = "a name for each request",
	     .flags = CRUET_UNLOADABLE, .options = options,
	     .config_size = sizeof(struct config), .state_size = sizeof(struct state),
	     .configure = configure, .init = init);
