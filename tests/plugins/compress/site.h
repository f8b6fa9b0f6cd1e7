/* An application whose replies are compressed, and what is asked of it. */
#ifndef TESTS_COMPRESS_SITE_H
#define TESTS_COMPRESS_SITE_H

#include "../edge.h"

#include <fcntl.h>

#include "decode.h"

extern const cruet_plugin cruet_plugin_compress;

enum { LONG = 5000 };

static cruet_app *app;
static cruet_client *t;
static char long_text[LONG + 1], back[LONG + 1];
static char file[FOLDER_MAX + 16];

/* --- handlers: what they reply is in the query ---------------------------------------------- */

static inline int bytes(cruet_ctx *c)
{
	const char *type = cruet_query(c, "type"), *header = cruet_query(c, "header");
	int64_t len = cruet_query_int(c, "len", LONG);

	if (header)
		cruet_add_header(c, header, cruet_query(c, "value"));
	if (cruet_query(c, "may"))
		cruet_compress(c, cruet_query_int(c, "may", 0));
	cruet_status(c, (int)cruet_query_int(c, "status", 200));
	return cruet_bytes(c, type ? type : "text/html; charset=utf-8", long_text, (size_t)len);
}

static inline int tagged(cruet_ctx *c)
{
	const char *tag = cruet_query(c, "tag");
	int r = cruet_conditional(c, tag ? tag : "v1", 1704164645);

	return r ? r : bytes(c);
}

static inline int noise(cruet_ctx *c)
{
	char p[1000];
	unsigned x = 7;

	for (size_t i = 0; i < sizeof p; i++)
		p[i] = (char)((x = x * 1103515245 + 12345) >> 16);
	return cruet_bytes(c, "text/plain", p, sizeof p);
}

static inline int sends_file(cruet_ctx *c)
{
	return cruet_send_file(c, file, NULL);
}

static inline int nothing(cruet_ctx *c)
{
	return cruet_empty(c, 204);
}

static inline int fails(cruet_ctx *c)
{
	return cruet_fail(c, 404, "no %s", long_text);
}

/* As a session does it: when nobody else changes the reply. */
static inline int save(cruet_ctx *c)
{
	return cruet_query(c, "saves") ? cruet_set_cookie(c, "session", "1", NULL) : CRUET_OK;
}

static inline void setup(const char *options)
{
	for (int i = 0; i < LONG; i++)
		long_text[i] = "hello, world\n"[i % 13];
	app = new_app();
	cruet_finish(app, save);
	cruet_use_static(app, &cruet_plugin_compress, options);
	cruet_finish(app, save);
	cruet_get(app, "/bytes", bytes);
	cruet_get(app, "/tagged", tagged);
	cruet_get(app, "/noise", noise);
	cruet_get(app, "/file", sends_file);
	cruet_get(app, "/nothing", nothing);
	cruet_get(app, "/fails", fails);
	t = client_of(app);
}

static inline void teardown(void)
{
	done(app, t);
}

static inline void write_file(const char *name)
{
	snprintf(file, sizeof file, "%s/%s", getenv("TMPDIR"), name);
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, long_text, LONG), LONG);
	close(fd);
}

/* The coding of the reply, "" for none. */
static inline const char *ask(const char *path, const char *accept)
{
	if (accept)
		cruet_client_set_header(t, "Accept-Encoding", accept);
	cruet_client_get(t, path);
	return values(t, "Content-Encoding");
}

static inline void assert_coding(const char *path, const char *accept, const char *coding)
{
	const char *got = ask(path, accept);

	ck_assert_msg(!strcmp(got, coding), "%s for \"%s\": \"%s\"", path,
		      accept ? accept : "(none)", got);
}

/* The body is the beginning of the long text, in the coding that the reply names. */
static inline void assert_text(size_t len)
{
	bool whole;
	size_t got = decode(cruet_client_header(t, "Content-Encoding"), cruet_client_body(t),
			    cruet_client_body_len(t), back, sizeof back, &whole);

	ck_assert(whole);
	ck_assert_uint_eq(got, len);
	ck_assert(!memcmp(back, long_text, len));
}

#endif
