/* What a site needs of the machine that it is to run on, and what should not lie there. */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/capture.h"
#include "cli/checkup.h"
#include "server/control_place.h"
#include "server/transport.h"

static const struct config *config(const struct checkup *k)
{
	return k->site.app->host->config;
}

/* --- the key ----------------------------------------------------------------------------- */

#define FRESH_KEY                                                                      \
	"write a fresh one: printf 'CRUET_SECRET_KEY=%s\\n' \"$(od -An -v -tx1 -N32 " \
	"/dev/urandom | tr -d ' \\n')\" >>.env"

static bool imports(const struct checked_file *f, const char *name)
{
	for (size_t i = 0; f->facts.imports[i]; i++)
		if (!strcmp(f->facts.imports[i], name))
			return true;
	return false;
}

static const char *who_imports(const struct checkup *k, const char *name)
{
	for (size_t i = 0; i < k->nfiles; i++)
		if (imports(&k->files[i], name))
			return k->files[i].name;
	return NULL;
}

size_t key_variety(const char *key)
{
	bool seen[256] = {false};
	size_t n = 0;

	for (; *key; key++) {
		n += !seen[(unsigned char)*key];
		seen[(unsigned char)*key] = true;
	}
	return n;
}

/* What people write so that there is something. */
static bool is_guessable(const char *key)
{
	static const char *const words[] = {"secret", "password", "changeme", "change-me",
					    "change_me", "12345678", "abcdefgh", "qwerty", NULL};

	for (const char *const *w = words; *w; w++)
		if (strcasestr(key, *w))
			return true;
	return false;
}

void check_secret(struct checkup *k)
{
	const char *key = config_text(config(k), "secret_key"), *who;
	const char *where = config_origin(config(k), "secret_key");

	if (!key || !*key) {
		who = who_imports(k, "cruet_secret");
		if (who)
			found(k, "secret_key",
			      arena_printf(k->a, "it is not set, and '%s' signs with it", who),
			      FRESH_KEY);
	} else if (strlen(key) < 16 || key_variety(key) < 8 || is_guessable(key)) {
		found(k, where,
		      strlen(key) < 16
			      ? arena_printf(k->a,
					     "secret_key has %zu characters: expected 16 or more",
					     strlen(key))
			      : "secret_key can be guessed: expected random characters",
		      FRESH_KEY);
	}
}

/* --- folders ------------------------------------------------------------------------------ */

/* Where parts of a request go that are too large for memory. */
static void check_uploads(struct checkup *k)
{
	const char *folder = secure_getenv("TMPDIR");
	struct stat st;

	if (!folder || *folder != '/')
		folder = "/tmp";
	int err = stat(folder, &st) ? errno
		  : !S_ISDIR(st.st_mode) ? ENOTDIR
		  : faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) ? errno
									 : 0;
	if (err)
		found(k, folder,
		      arena_printf(k->a, "uploads cannot be kept there: %s", strerror(err)),
		      "make it a folder that this user can write, or name one in TMPDIR");
}

/* --- where it listens ---------------------------------------------------------------------- */

static bool is_served(struct checkup *k)
{
	const char *path, *bad;
	char *why = NULL;
	int fd;

	if (control_path(k->site.app->host, k->a, &path, &bad) || !path ||
	    control_connect(path, &fd, &why)) {
		free(why);
		return false;
	}
	close(fd);
	return true;
}

/* While the site is served, its addresses are taken by itself. */
static void check_listen(struct checkup *k)
{
	if (!k->transport.vt || is_served(k))
		return;
	char *why = transport_obstacle(&k->transport, &k->site.app->host->settings);
	if (why)
		found(k, config_origin(config(k), "server.listen"), why,
		      "choose another address in server.listen, or end what has this one");
	free(why);
}

/* --- .env ---------------------------------------------------------------------------------- */

/* git knows which files it keeps; where there is none, nobody can say. */
static void check_dotenv(struct checkup *k)
{
	static const char *const ask[] = {"git", "ls-files", "--error-unmatch", "--", ".env", NULL};

	if (!access(".env", F_OK) && !capture(ask, k->a, NULL))
		found(k, ".env", "it is in version control, and so are the secrets in it",
		      "git rm --cached .env, add it to .gitignore, and take fresh secrets");
}

void check_places(struct checkup *k)
{
	check_uploads(k);
	check_listen(k);
	check_dotenv(k);
}

/* --- debug --------------------------------------------------------------------------------- */

void check_debug(struct checkup *k)
{
	const struct server_settings *s = &k->site.app->host->settings;

	if (s->log_level == CRUET_DEBUG)
		found(k, config_origin(config(k), "log_level"),
		      "log_level is \"debug\": the log tells what requests carry",
		      "set it to \"info\", or only in a profile for development");
}

/* --- clock and locale ------------------------------------------------------------------------ */

static void check_file_time(struct checkup *k, const char *path)
{
	struct stat st;

	if (!path || stat(path, &st) || st.st_mtime <= time(NULL) + 60)
		return;
	found(k, path,
	      "it was changed in the future, by the clock of this machine: dates in replies and "
	      "caches will be wrong",
	      "set the clock (timedatectl), then touch the file");
}

static void check_clock(struct checkup *k)
{
	const char *config_file = k->site.target.config;

	check_file_time(k, config_file ? config_beside(config(k), "cruet.json", k->a) : NULL);
	check_file_time(k, k->code.so);
	for (size_t i = 0; k->sources && k->sources[i]; i++)
		check_file_time(k, k->sources[i]);
}

/* The name of a zone, as opposed to rules such as CET-1CEST. */
static void check_zone(struct checkup *k)
{
	const char *zone = getenv("TZ");

	if (!zone || !*zone)
		return;
	zone += *zone == ':';
	const char *path = *zone == '/' ? zone : arena_printf(k->a, "/usr/share/zoneinfo/%s", zone);
	bool rules = strcspn(zone, "0123456789,<") < strlen(zone) && !strchr(zone, '/');
	if (!path || rules || !access(path, R_OK) || !strcmp(zone, "UTC"))
		return;
	found(k, "TZ",
	      arena_printf(k->a, "the time zone '%s' is not known here: local times will be UTC", zone),
	      "name one of /usr/share/zoneinfo, or install the package tzdata");
}

/* What a date and a number look like once the application is set up. */
static void check_locale(struct checkup *k)
{
	const struct tm day = {.tm_mday = 1, .tm_year = 70, .tm_wday = 4};
	const char *who = who_imports(k, "setlocale");
	char date[64], number[16];

	locale_t known = newlocale(LC_ALL_MASK, "", (locale_t)0);
	if (known)
		freelocale(known);
	else if (who)
		found(k, getenv("LC_ALL") ? "LC_ALL" : "LANG",
		      arena_printf(k->a, "that locale is not known here, and '%s' asks for it", who),
		      "install it (dpkg-reconfigure locales), or set LC_ALL=C.UTF-8");
	strftime(date, sizeof date, "%a, %d %b %Y", &day);
	snprintf(number, sizeof number, "%.1f", 1.5);
	if (!strcmp(date, "Thu, 01 Jan 1970") && !strcmp(number, "1.5"))
		return;
	found(k, who ? who : "setlocale",
	      arena_printf(k->a,
			   "it chose the locale '%s': strftime writes \"%s\", which is no date "
			   "for a header, and printf \"%s\"",
			   setlocale(LC_ALL, NULL), date, number),
	      "leave LC_TIME and LC_NUMERIC as they are, and use strftime_l for people");
}

void check_times(struct checkup *k)
{
	check_clock(k);
	check_zone(k);
	check_locale(k);
}
