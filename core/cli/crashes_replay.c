/* cruet crashes replay: sends the request of a report once more, to a server that runs. What
 * was masked in the report has to be given. */
#include <arpa/inet.h>
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "app/scope.h"
#include "base/buf.h"
#include "base/mask.h"
#include "base/text.h"
#include "cli/kept.h"
#include "cruet/json.h"
#include "server/listen.h"
#include "server/secrets.h"

enum { REPLY_S = 60 }; /* that the server may take */

struct replay {
	const struct kept *kept;
	struct cmdline *c;
	struct buf missing; /* what has to be given, a line for each */
};

/* --- the request ------------------------------------------------------------------------ */

/* What was given for "form.password"; where nothing was, that is noted. */
static const char *give(void *arg, const char *place, const char *value)
{
	struct replay *r = arg;
	const char *found = NULL;
	size_t len = strlen(place);

	if (!strstr(value, MASK))
		return value;
	for (size_t i = 0; i < r->c->args.ngiven; i++) {
		const struct given *g = &r->c->args.given[i];
		if (!strcmp(g->flag->name, "value") && !strncmp(g->value, place, len) &&
		    g->value[len] == '=')
			found = g->value + len + 1;
	}
	if (!found)
		buf_printf(&r->missing, "\n  --value '%s=...'", place);
	return found ? found : value;
}

/* Those that belong to one connection, or to a body that is made anew. */
static bool is_own(const char *name)
{
	static const char *const own[] = {"Connection", "Content-Length", "Transfer-Encoding", "Expect",
					  "Keep-Alive", "Upgrade", "TE", NULL};
	for (size_t i = 0; own[i]; i++)
		if (text_ieq(name, own[i]))
			return true;
	return false;
}

static const char *put_headers(struct buf *b, const struct secrets *s, const struct kept *k)
{
	const cruet_json *v = cruet_json_first(cruet_json_get(k->report, "headers"));
	const char *type = NULL;

	for (; v; v = cruet_json_next(v)) {
		const char *name = cruet_json_str(cJSON_GetArrayItem(v, 0), "");
		const char *value = cruet_json_str(cJSON_GetArrayItem(v, 1), "");
		if (text_ieq(name, "Content-Type"))
			type = value;
		if (is_own(name) || strpbrk(value, "\r\n") || strpbrk(name, "\r\n"))
			continue;
		const char *whole = secrets_header(s, name, value);
		buf_printf(b, "%s: %s\r\n", name, whole ? whole : "");
	}
	return type;
}

/* Of a path in which something was masked, all of it is to be given. */
static const char *target_of(const struct secrets *s, const char *target)
{
	size_t n = strcspn(target, "?");
	const char *path = arena_strndup(s->a, target, n);
	const char *query = secrets_target(s, target + n);

	path = path ? give(s->arg, "path", path) : NULL;
	return path && query ? arena_printf(s->a, "%s%s", path, query) : NULL;
}

static void put_request(struct buf *b, struct replay *r)
{
	const struct secrets s = {&r->c->arena, give, r};
	const char *body = cruet_json_str(cruet_json_get(r->kept->report, "body"), NULL);
	const char *target = target_of(&s, kept_text(r->kept, "target"));
	size_t len = 0;

	buf_printf(b, "%s %s HTTP/1.1\r\nConnection: close\r\n", kept_text(r->kept, "method"),
		   target ? target : "");
	const char *type = put_headers(b, &s, r->kept);
	if (body)
		body = secrets_body(&s, type, body, strlen(body), &len);
	if (body)
		buf_printf(b, "Content-Length: %zu\r\n", len);
	buf_str(b, "\r\n");
	buf_put(b, body ? body : "", len);
}

/* --- sending it ------------------------------------------------------------------------- */

/* Where a server of this machine is reached that listens there. */
static int reach(const char *address)
{
	struct timeval wait = {REPLY_S, 0};
	struct sockaddr_in at;
	char *why = NULL;

	if (listen_parse(address, &at, &why)) {
		cli_fail("%s", why ? why : address);
		free(why);
		return -1;
	}
	if (at.sin_addr.s_addr == htonl(INADDR_ANY))
		at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait) ||
	    connect(fd, (struct sockaddr *)&at, sizeof at)) {
		cli_fail("%s: %s: expected a server of this application; --to names another address",
			 address, strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

/* A server that reads no further has replied already, or ends the connection: reading tells. */
static void send_all(int fd, const struct buf *request)
{
	ssize_t n;

	for (size_t done = 0; done < request->len; done += n > 0 ? (size_t)n : 0) {
		n = send(fd, request->p + done, request->len - done, MSG_NOSIGNAL);
		if (n < 0 && errno != EINTR)
			return;
	}
}

static int failed(const char *address, int err)
{
	if (err == EAGAIN)
		return cli_fail("%s: no reply within %d s", address, REPLY_S);
	return cli_fail("%s: %s", address, strerror(err));
}

/* What comes back goes to standard output as it is. */
static int send_and_show(const char *address, const struct buf *request)
{
	char got[8192];
	bool any = false;
	int fd = reach(address);

	if (fd < 0)
		return EXIT_FAILED;
	int err = 0;
	send_all(fd, request);
	for (ssize_t n; !err && (n = read(fd, got, sizeof got)) != 0;) {
		if (n > 0)
			any |= fwrite(got, 1, (size_t)n, stdout) > 0;
		else if (errno != EINTR)
			err = errno;
	}
	close(fd);
	if (err)
		return failed(address, err);
	return any ? EXIT_DONE : cli_fail("%s: the connection ended without a reply", address);
}

static int replay(const struct kept *k, const struct site *s, struct cmdline *c)
{
	struct replay r = {.kept = k, .c = c};
	const char *to = args_value(&c->args, "to");
	const char *const *listen = s->app->host->settings.listen;
	struct buf request;

	if (!*kept_text(k, "method"))
		return cli_fail("crash %s: it was in no request that could be sent again", k->id);
	buf_init(&request, &c->arena, 0);
	buf_init(&r.missing, &c->arena, 0);
	put_request(&request, &r);
	const char *missing = kept_text(k, "body_missing");
	if (*missing)
		fprintf(stderr, "cruet: crash %s: the body is sent without what the report lacks: %s\n",
			k->id, missing);
	if (buf_err(&request) || buf_err(&r.missing))
		return cli_fail("out of memory");
	if (r.missing.len) {
		cli_fail("crash %s: these values were masked in the report, and have to be given:", k->id);
		fprintf(stderr, "%s\n", r.missing.p + 1);
		return EXIT_FAILED;
	}
	return send_and_show(to ? to : *listen, &request);
}

int crashes_replay(struct cmdline *c)
{
	struct kept *all = NULL;
	struct site s;
	size_t n = 0;
	int code = site_configure(&s, c, c->args.rest[1]);

	if (!code)
		code = kept_all(&s, c, &all, &n);
	const struct kept *k = code ? NULL : kept_find(all, n, c->args.rest[0]);
	if (!code)
		code = k ? replay(k, &s, c) : EXIT_FAILED;
	kept_free(all, n);
	site_close(&s);
	return code;
}
