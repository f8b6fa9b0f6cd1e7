/* One mistake in a small folder, and `cruet check` must find it: that one, in words that name
 * the place, and nothing else. */
#include <arpa/inet.h>
#include <cjson/cJSON.h>
#include <cruet/main.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "suite.h"

enum { TEXT_SIZE = 16384 };

#define KEY "9f3c1ab7d2e84605b8c7fa1d3e5902c4"

struct planted {
	const char *name;
	const char *server, *more; /* members of "server" and of the whole; or NULL */
	const char *mistake;       /* of the application, or NULL */
	const char *app;           /* its file; NULL: mistakes.so */
	void (*plant)(void);       /* in the folder, before; or NULL */
	void (*in_child)(void);    /* in the process that checks; or NULL */
	const char *command;       /* NULL: check */
	const char *arg;           /* of the command, or NULL */
	const char *where, *what;  /* parts of what is to be said */
	unsigned more_findings;    /* that come along */
};

static char folder[FOLDER_MAX];

/* --- files -------------------------------------------------------------------------------- */

static const char *build_dir(void)
{
	return getenv("CRUET_BUILD");
}

static void write_text(const char *name, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void write_text(const char *name, const char *fmt, ...)
{
	va_list ap;
	FILE *f = fopen(name, "w");

	ck_assert_ptr_nonnull(f);
	va_start(ap, fmt);
	vfprintf(f, fmt, ap);
	va_end(ap);
	ck_assert_int_eq(fclose(f), 0);
}

static void run(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void run(const char *fmt, ...)
{
	char line[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	ck_assert_msg(!system(line), "%s", line);
}

static const char *application(const struct planted *p)
{
	static char path[512];

	if (p->app && strchr(p->app, '.'))
		return p->app;
	snprintf(path, sizeof path, "%s/tests/checkup/%s.so", build_dir(),
		 p->app ? p->app : "mistakes");
	return path;
}

static void write_config(const struct planted *p)
{
	char mistake[64] = "";

	if (p->mistake)
		snprintf(mistake, sizeof mistake, ", \"settings\": {\"mistake\": \"%s\"}", p->mistake);
	write_text("cruet.json",
		   "{\"app\": \"%s\", \"server\": {\"control\": \"none\", %s%s\"plugin_path\": "
		   "[\"own\", \"%s/tests/plugin/fixtures\"]}%s%s%s}\n",
		   application(p), p->server ? p->server : "\"listen\": \"127.0.0.1:0\"", ", ",
		   build_dir(), p->more ? ", " : "", p->more ? p->more : "", mistake);
}

/* --- the command --------------------------------------------------------------------------- */

static void check_here(const struct planted *p)
{
	char *argv[] = {(char *)"cruet", (char *)(p->command ? p->command : "check"),
			(char *)"--json", (char *)p->arg, NULL};
	int out = open("out.json", O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (p->in_child)
		p->in_child();
	dup2(out, STDOUT_FILENO);
	close(out);
	exit(cruet_main(p->arg ? 4 : 3, argv));
}

/* What it says, and its exit code. */
static cJSON *check(const struct planted *p, int *code)
{
	static char text[TEXT_SIZE];
	int status;

	fflush(stdout);
	pid_t pid = fork();
	if (!pid)
		check_here(p);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status), "%s: signal %d", p->name, WTERMSIG(status));
	*code = WEXITSTATUS(status);
	int fd = open("out.json", O_RDONLY);
	ssize_t n = read(fd, text, sizeof text - 1);
	close(fd);
	ck_assert_msg(n > 0, "%s says nothing", p->name);
	text[n] = '\0';
	cJSON *said = cJSON_Parse(text);
	ck_assert_msg(said != NULL, "%s: %s", p->name, text);
	return said;
}

static const char *member(const cJSON *f, const char *name)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(f, name));
	return text ? text : "";
}

static bool is_said(const cJSON *findings, const struct planted *p)
{
	const cJSON *f;

	cJSON_ArrayForEach(f, findings)
		if (strstr(member(f, "where"), p->where) && strstr(member(f, "what"), p->what))
			return true;
	return false;
}

static void enter_new_folder(void)
{
	ck_assert(folder_make(folder));
	ck_assert_int_eq(chdir(folder), 0);
}

static void plant_and_check(const struct planted *p)
{
	int code;

	enter_new_folder();
	write_config(p);
	if (p->plant)
		p->plant();
	cJSON *said = check(p, &code);
	const cJSON *findings = cJSON_GetObjectItem(said, "findings");
	char *text = cJSON_Print(findings);
	ck_assert_msg(code == 1 && cJSON_IsFalse(cJSON_GetObjectItem(said, "ok")), "%s: %d", p->name,
		      code);
	ck_assert_msg(is_said(findings, p), "%s: expected %s: %s, got %s", p->name, p->where, p->what,
		      text);
	if (!p->arg) /* of --deploy there is more to be said */
		ck_assert_msg(cJSON_GetArraySize(findings) == 1 + (int)p->more_findings, "%s: %s",
			      p->name, text);
	free(text);
	cJSON_Delete(said);
}

/* --- what is planted ------------------------------------------------------------------------ */

static int taken = -1;

static void take_port(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof at;

	taken = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert(!bind(taken, (struct sockaddr *)&at, len) && !listen(taken, 1) &&
		  !getsockname(taken, (struct sockaddr *)&at, &len));
	write_text("cruet.json", "{\"app\": \"%s/tests/checkup/mistakes.so\", \"server\": "
				 "{\"listen\": \"127.0.0.1:%u\", \"control\": \"none\"}}",
		   build_dir(), ntohs(at.sin_port));
}

static void break_json(void)
{
	write_text("cruet.json", "{\"app\": \"%s/tests/checkup/mistakes.so\",}", build_dir());
}

static void others_may_write(void)
{
	run("mkdir own && cp %s/tests/plugin/fixtures/well.so own/ && chmod 666 own/well.so", build_dir());
}

static void lock_another_file(void)
{
	write_text("cruet.lock",
		   "{\"format\": 1, \"plugins\": {\"early\": {\"abi\": 1, \"sha256\": \"%064d\"}, "
		   "\"app\": {\"abi\": 1, \"sha256\": \"", 7);
	run("sha256sum <%s/tests/checkup/mistakes.so | cut -c1-64 | tr -d '\\n' >>cruet.lock; "
	    "printf '\"}}}' >>cruet.lock; chmod 600 cruet.lock", build_dir());
}

static void write_site(void)
{
	write_text("site.c", "#include <cruet.h>\n"
			     "static int show(cruet_ctx *c)\n{\n"
			     "\tconst char *s = \"cruet_url(c, \\\"no\\\")\"; /* cruet_url(c, \"no\") */\n"
			     "\treturn cruet_text(c, *s ? cruet_url(c,\n"
			     "\t\t\"shwo\", \"id\", \"7\", (char *)0) : cruet_url(c, \"show\", (char *)0));\n"
			     "}\n"
			     "CRUET_APP(app) { cruet_get(app, \"/\", show); }\n");
}

static void no_database(void)
{
	write_text("site.db", "This is a letter to my aunt, and it is long enough to have a head that "
			      "is none of a database, however one looks at it: dear aunt, all is well.\n");
}

static void old_database(void)
{
	run("mkdir schema && echo 'create table a(b);' >schema/1.sql && "
	    "echo 'create table c(d);' >schema/2.sql");
	run("sqlite3 site.db \"create table cruet_schema(owner text not null, name text not null, "
	    "sql text not null, applied_at text, primary key(owner, name)) without rowid; "
	    "insert into cruet_schema values('app', '1.sql', 'create table a(b);' || char(10), '')\"");
}

static void keep_dotenv(void)
{
	write_text(".env", "CRUET_SECRET_KEY=" KEY "\n");
	run("git init -q . && git add -f .env");
}

static void dotenv_is_no_text(void)
{
	write_text(".env", "CRUET_SECRET_KEY=" KEY "\nnonsense\nCRUET_SERVER__LISTN=x\n");
}

static void come_from_tomorrow(void)
{
	const struct timeval later[2] = {{.tv_sec = time(NULL) + 86400}, {.tv_sec = time(NULL) + 86400}};

	ck_assert_int_eq(utimes("cruet.json", later), 0);
}

static void no_upload_folder(void)
{
	setenv("TMPDIR", "/nowhere", 1);
}

static void unknown_zone(void)
{
	setenv("TZ", "Mars/Olympus_Mons", 1);
}

static void unknown_locale(void)
{
	setenv("LC_ALL", "xx_YY.UTF-8", 1);
}

#define PLUGINS(text) "\"plugins\": {" text "}"
#define KEYED(more)   "\"secret_key\": \"" KEY "\", " more

static const struct planted mistakes[] = {
	{"bad JSON", .plant = break_json, .where = "cruet.json:1:", .what = "expected a string",
	 .more_findings = 1 /* and so no application */},
	{"bad value", .more = "\"log_level\": \"loud\"", .where = "cruet.json:1:", .what = "log_level = \"loud\""},
	{"unknown key", .more = "\"pluggins\": {}", .where = "cruet.json:1:",
	 .what = "unknown key \"pluggins\": did you mean \"plugins\"?"},
	{"unknown key of the server", .server = "\"listen\": \"127.0.0.1:0\", \"treads\": 4",
	 .where = "cruet.json:1:", .what = "did you mean \"server.threads\"?"},
	{"variable that is not set", .more = "\"secret_key\": \"env:NOBODY_SET_ME\"",
	 .where = "cruet.json:1:", .what = "NOBODY_SET_ME is not set"},
	{"line of .env", .plant = dotenv_is_no_text, .where = ".env:2", .what = "expected NAME=value",
	 .more_findings = 1},
	{"key of .env", .plant = dotenv_is_no_text, .where = ".env:3",
	 .what = "did you mean \"server.listen\"?", .more_findings = 1},
	{"missing secret", .more = PLUGINS("\"session\": {}"), .where = "secret_key",
	 .what = "it is not set, and 'session' signs with it"},
	{"short secret", .more = "\"secret_key\": \"a1b2c3d4\"", .where = "cruet.json:1:",
	 .what = "secret_key has 8 characters: expected 16 or more"},
	{"weak secret", .more = "\"secret_key\": \"my-very-own-secret\"", .where = "cruet.json:1:",
	 .what = "secret_key can be guessed"},
	{"plugin missing", .more = PLUGINS("\"sqlit\": {}"), .where = "cruet.json:1:",
	 .what = "no sqlit.so in"},
	{"wrong ABI", .more = PLUGINS("\"other_abi\": {}"), .where = "other_abi.so", .what = "ABI 2"},
	{"unmet need", .more = PLUGINS("\"user\": {}"), .where = "cruet.json:1:",
	 .what = "plugin 'user' needs service \"thing/1\", which no attached plugin provides"},
	{"ambiguous provider", .more = PLUGINS("\"thing_a\": {}, \"thing_b\": {}, \"user\": {}"),
	 .where = "cruet.json:1:", .what = "which both 'thing_a' and 'thing_b' provide"},
	{"cycle", .more = PLUGINS("\"ring_a\": {}, \"ring_b\": {}, \"ring_c\": {}"), .where = "cruet.json",
	 .what = "ring_a -> ring_b (ring_b/1) -> ring_c (ring_c/1) -> ring_a (ring_a/1)"},
	{"option out of range", .more = PLUGINS("\"sqlite\": {\"pool\": 0, \"path\": \":memory:\"}"),
	 .where = "cruet.json:1:", .what = "plugin 'sqlite': option pool = \"0\": expected from 1 to 256"},
	{"writable plugin file", .more = PLUGINS("\"well\": {}"), .plant = others_may_write,
	 .where = "own/well.so", .what = "is writable by others (mode 0666): chmod go-w"},
	{"locked hash changed", .more = PLUGINS("\"early\": {}"), .plant = lock_another_file,
	 .where = "early.so", .what = "is not the file that"},
	{"rules that collide", .mistake = "collide", .where = "mistakes.c:27",
	 .what = "URL rule '/' (other) is there already, from"},
	{"rule in a shadow", .mistake = "shadow", .where = "mistakes.c:30",
	 .what = "URL rule '/a/<y>' (other) is never reached: '/a/<x>' (front) at"},
	{"endpoint of two functions", .mistake = "endpoint", .where = "mistakes.c:34",
	 .what = "the endpoint 'page' belongs to another function already"},
	{"blueprint without routes", .mistake = "blueprint", .where = "blueprint 'empty'",
	 .what = "no route was added to it"},
	{"endpoint that no rule has", .app = "site.c", .plant = write_site, .where = "site.c:6",
	 .what = "no rule has the endpoint \"shwo\""},
	{"endpoint in an option", .more = KEYED(PLUGINS("\"session\": {}, \"login\": {\"view\": \"fornt\"}")),
	 .where = "cruet.json:1:",
	 .what = "plugin 'login': option view: no rule has the endpoint \"fornt\""},
	{"endpoints in an option",
	 .more = KEYED(PLUGINS("\"session\": {}, \"login\": {\"open\": [\"front\", \"other\"]}")),
	 .where = "cruet.json:1:",
	 .what = "plugin 'login': option open: no rule has the endpoint \"other\""},
	{"folder of assets", .more = PLUGINS("\"assets\": {\"folder\": \"gone\"}"), .where = "cruet.json:1:",
	 .what = "plugin 'assets': option folder = \"gone\": No such file or directory"},
	{"path of assets", .more = PLUGINS("\"assets\": {\"path\": \"static\"}"),
	 .where = "cruet.json:1:", .what = "option path = \"static\": expected a path such as /static"},
	{"coding", .more = PLUGINS("\"compress\": {\"codings\": \"zip\"}"),
	 .where = "cruet.json:1:", .what = "option codings: \"zip\": expected br or gzip"},
	{"sizes", .more = PLUGINS("\"compress\": {\"min_size\": \"2k\", \"max_size\": \"1k\"}"),
	 .where = "cruet.json:1:",
	 .what = "option min_size: 2048 bytes: expected at most the 1024 of max_size"},
	{"forms without sessions", .more = PLUGINS("\"validate\": {}, \"forms\": {}"),
	 .where = "cruet.json:1:",
	 .what = "plugin 'forms' needs service \"session/1\", which no attached plugin provides"},
	{"static folder", .mistake = "static", .where = "cruet_static", .what = "nowhere"},
	{"need of the application", .mistake = "need", .where = "mistakes.so",
	 .what = "the application needs service \"db/1\""},
	{"application that is not there", .app = "gone.c", .where = "cruet.json:1:", .what = "gone.c"},
	{"upload folder", .in_child = no_upload_folder, .where = "/nowhere", .what = "uploads cannot be kept"},
	{"no database", .more = PLUGINS("\"sqlite\": {}"), .plant = no_database, .where = "site.db",
	 .what = "is no SQLite database"},
	{"database without a folder", .more = PLUGINS("\"sqlite\": {\"path\": \"gone/site.db\"}"),
	 .where = "gone/site.db", .what = "folder gone: No such file or directory: create it"},
	{"pending schema file", .more = PLUGINS("\"sqlite\": {\"schema\": \"schema\"}"),
	 .plant = old_database, .where = "schema/2.sql", .what = "has not run"},
	{"port in use", .plant = take_port, .where = "cruet.json:1:",
	 .what = "something else listens there already"},
	{"address of another transport", .server = "\"listen\": \"[::1]:0\"", .where = "cruet.json:1:",
	 .what = "civetweb serves no IPv6"},
	{"address that is none", .server = "\"listen\": \"nonsense\", \"transport\": \"event\"",
	 .where = "cruet.json:1:", .what = "cannot listen on nonsense"},
	{"debug left on", .more = "\"log_level\": \"debug\"", .where = "cruet.json:1:",
	 .what = "log_level is \"debug\""},
	{".env in version control", .plant = keep_dotenv, .where = ".env",
	 .what = "it is in version control"},
	{"clock", .plant = come_from_tomorrow, .where = "cruet.json",
	 .what = "it was changed in the future"},
	{"time zone", .in_child = unknown_zone, .where = "TZ", .what = "Mars/Olympus_Mons"},
	{"locale", .mistake = "locale", .in_child = unknown_locale, .where = "LC_ALL",
	 .what = "that locale is not known here"},
};

static const struct planted deploys[] = {
	{"debug", .more = "\"log_level\": \"debug\"", .where = "cruet.json:1:", .what = "log_level"},
	{"source", .app = "site.c", .plant = write_site, .where = "site.c",
	 .what = "compiled at each start"},
	{"no key", .where = "secret_key", .what = "it is not set"},
	{"key", .more = "\"secret_key\": \"9f3c1ab7d2e84605\"", .where = "cruet.json:1:",
	 .what = "secret_key is weak"},
	{"cookies", .more = "\"secret_key\": \"" KEY "\", " PLUGINS("\"session\": {\"secure\": \"auto\"}"),
	 .where = "cruet.json:1:", .what = "the cookie of a session may go out by http"},
	{"hosts", .where = "server.trusted_hosts", .what = "a request may name any host"},
	{"headers", .where = "plugins", .what = "nothing sets security headers"},
	{"TLS", .where = "server", .what = "neither TLS nor a proxy"},
	{"body", .server = "\"listen\": \"127.0.0.1:0\", \"body_max\": \"2g\"", .where = "cruet.json:1:",
	 .what = "server.body_max is above 1g"},
	{"time", .server = "\"listen\": \"127.0.0.1:0\", \"head_timeout\": \"1h\"", .where = "cruet.json:1:",
	 .what = "server.head_timeout is above 10m"},
	{"RELRO", .app = "soft", .where = "soft.so", .what = "no full RELRO"},
	{"stack", .app = "soft", .where = "soft.so", .what = "it makes stacks executable"},
};

/* --- the tests ------------------------------------------------------------------------------- */

START_TEST(each_planted_mistake_is_found_and_nothing_else)
{
	unsetenv("CRUET_SERVER__TRANSPORT"); /* the lists of plugins are what they say here */
	for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++)
		plant_and_check(&mistakes[i]);
}
END_TEST

START_TEST(each_line_of_deploy_is_found)
{
	for (size_t i = 0; i < sizeof deploys / sizeof *deploys; i++) {
		struct planted p = deploys[i];
		p.arg = "--deploy";
		plant_and_check(&p);
	}
}
END_TEST

START_TEST(it_goes_on_after_each_of_them)
{
	static const char *const texts[] = {
		"unknown key \"pluggins\"", "server.threads = \"0\"", "no gone.so in",
		"option pool = \"0\"",      "URL rule '/' (other)",   "'/a/<y>' (other) is never",
		"no route was added",       "nowhere",	              "'page' belongs to another",
		"log_level",		    "service \"db/1\""};
	const struct planted p = {
		"all", .mistake = "all", .server = "\"listen\": \"127.0.0.1:0\", \"threads\": 0",
		.more = "\"pluggins\": 1, \"log_level\": \"debug\", "
			PLUGINS("\"gone\": {}, \"sqlite\": {\"pool\": 0}")};
	int code;

	enter_new_folder();
	write_config(&p);
	cJSON *said = check(&p, &code);
	char *text = cJSON_Print(said);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		const struct planted one = {.where = "", .what = texts[i]};
		ck_assert_msg(is_said(cJSON_GetObjectItem(said, "findings"), &one), "%s: %s", texts[i],
			      text);
	}
	free(text);
	cJSON_Delete(said);
}
END_TEST

static void no_findings(const char *target)
{
	char path[512];
	int code;

	snprintf(path, sizeof path, "%s/samples/%s", getenv("CRUET_SOURCE"), target);
	cJSON *said = check(&(struct planted){.name = target, .arg = path}, &code);
	char *text = cJSON_Print(said);
	ck_assert_msg(code == 0 && cJSON_IsTrue(cJSON_GetObjectItem(said, "ok")), "%s: %s", target, text);
	free(text);
	cJSON_Delete(said);
}

START_TEST(nothing_is_said_of_the_samples)
{
	enter_new_folder();
	setenv("GUESTBOOK_SECRET", KEY, 1);
	setenv("CRUET_SERVER__LISTEN", "127.0.0.1:0", 1);
	no_findings("hello/hello.c");
	no_findings("chat");
	no_findings("guestbook");
	setenv("FLASKR_SECRET", KEY, 1);
	no_findings("flaskr");
}
END_TEST

START_TEST(a_site_in_order_is_told_so)
{
	const struct planted p = {"good", .more = PLUGINS("\"sqlite\": {}, \"session\": {}, "
							  "\"validate\": {}") ", \"secret_key\": \"" KEY "\""};
	int code;

	enter_new_folder();
	write_config(&p);
	cJSON *said = check(&p, &code);
	char *text = cJSON_PrintUnformatted(said);
	ck_assert_str_eq(text, "{\"ok\":true,\"findings\":[]}");
	ck_assert_int_eq(code, 0);
	ck_assert_int_ne(access("site.db", F_OK), 0); /* nothing was started */
	free(text);
	cJSON_Delete(said);
}
END_TEST

/* --- cruet doctor ---------------------------------------------------------------------------- */

/* What it says of the compiler, of headers, or of another thing. */
static void assert_state(const cJSON *said, const char *what, const char *state)
{
	const cJSON *i;

	cJSON_ArrayForEach(i, cJSON_GetObjectItem(said, "items"))
		if (!strcmp(member(i, "what"), what)) {
			ck_assert_msg(!strcmp(member(i, "state"), state), "%s: %s: %s", what,
				      member(i, "state"), member(i, "found"));
			return;
		}
	ck_abort_msg("nothing is said of %s", what);
}

static void no_compiler(void)
{
	setenv("CC", "/nowhere/cc -O2", 1);
	setenv("CRUET_INCLUDE_DIR", "/nowhere", 1);
	setenv("CRUET_LIBEXEC_DIR", "/nowhere", 1);
	setenv("CRUET_PLUGIN_PATH", folder, 1);
}

START_TEST(the_doctor_says_what_is_missing)
{
	const struct planted well = {.name = "doctor", .command = "doctor"};
	struct planted ill = well;
	int code;

	ill.in_child = no_compiler;
	enter_new_folder();
	cJSON *said = check(&well, &code);
	ck_assert(code == 0 && cJSON_IsTrue(cJSON_GetObjectItem(said, "ok")));
	assert_state(said, "headers", "ok");
	assert_state(said, "an application", "ok");
	assert_state(said, "plugins", "ok");
	cJSON_Delete(said);
	write_text("broken.so", "no plugin");
	said = check(&ill, &code);
	ck_assert(code == 1 && cJSON_IsFalse(cJSON_GetObjectItem(said, "ok")));
	assert_state(said, "/nowhere/cc", "missing");
	assert_state(said, "headers", "missing");
	assert_state(said, "library", "ok");
	assert_state(said, "an application", "missing");
	assert_state(said, "broken", "missing");
	assert_state(said, "cruet-lines", "note");
	cJSON_Delete(said);
}
END_TEST

SUITE("checkup", each_planted_mistake_is_found_and_nothing_else, each_line_of_deploy_is_found,
      it_goes_on_after_each_of_them, nothing_is_said_of_the_samples, a_site_in_order_is_told_so,
      the_doctor_says_what_is_missing)
