/* flask APP.json PORT serves the application that a file describes;
 * flask --cmd reads applications and requests from standard input, a JSON object a
 * line, and answers with replies. */
#include <cruet/testing.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static char *encode64(const unsigned char *p, size_t n)
{
	char *out = calloc(1, n / 3 * 4 + 5), *to = out;

	for (size_t i = 0; i < n; i += 3) {
		unsigned v = (unsigned)p[i] << 16 | (i + 1 < n ? (unsigned)p[i + 1] << 8 : 0) |
			     (i + 2 < n ? p[i + 2] : 0);
		*to++ = digits[v >> 18];
		*to++ = digits[v >> 12 & 63];
		*to++ = i + 1 < n ? digits[v >> 6 & 63] : '=';
		*to++ = i + 2 < n ? digits[v & 63] : '=';
	}
	return out;
}

static size_t decode64(const char *s, char *out)
{
	unsigned bits = 0, have = 0;
	size_t n = 0;

	for (; *s && *s != '='; s++) {
		bits = bits << 6 | (unsigned)(strchr(digits, *s) - digits);
		have += 6;
		if (have >= 8) {
			have -= 8;
			out[n++] = (char)(bits >> have);
		}
	}
	return n;
}

/* Reads with cruet's own reader, which keeps large integers as they are; what it is too
 * strict for (a NUL in a text), cJSON reads. */
static cJSON *read_json(const char *text, size_t len)
{
	static cruet_app *reader;
	cJSON *tree = NULL;

	if (!reader) {
		reader = cruet_new("reader");
		cruet_set(reader, "server.json_members", "10000000");
	}
	cruet_ctx *c = cruet_open(reader);
	const cruet_json *j = cruet_json_parse(c, text, len);
	tree = j ? cJSON_Duplicate(j, true) : cJSON_ParseWithLength(text, len);
	cruet_close(c);
	return tree;
}

/* --- requests ---------------------------------------------------------------------------- */

static bool has_header(const cJSON *headers, const char *name)
{
	const cJSON *h;

	cJSON_ArrayForEach(h, headers)
		if (!strcasecmp(cJSON_GetArrayItem(h, 0)->valuestring, name))
			return true;
	return false;
}

static cJSON *ask(struct flask *f, const cJSON *send)
{
	cruet_client *t = cruet_client_new(f->app);
	const cJSON *headers = member(send, "headers"), *h;
	const char *b64 = text_of(send, "body_b64"), *name, *value;
	char *body = calloc(1, strlen(b64 ? b64 : "") + 1);
	size_t len = b64 ? decode64(b64, body) : 0;

	cJSON_ArrayForEach(h, headers)
		cruet_client_set_header(t, cJSON_GetArrayItem(h, 0)->valuestring,
					cJSON_GetArrayItem(h, 1)->valuestring);
	cruet_client_set_header(t, "User-Agent", NULL);
	if (cJSON_IsTrue(member(send, "no_host")))
		cruet_client_set_header(t, "Host", NULL);
	if (member(send, "chunked") && !has_header(headers, "Transfer-Encoding"))
		cruet_client_set_header(t, "Transfer-Encoding", "chunked");
	cruet_client_send(t, text_of(send, "method"), text_of(send, "target"), NULL, body, len);

	cJSON *reply = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(reply, "headers");
	cJSON_AddNumberToObject(reply, "status", cruet_client_status(t));
	for (size_t i = 0; cruet_client_header_at(t, i, &name, &value); i++) {
		cJSON *pair = cJSON_CreateArray();
		cJSON_AddItemToArray(pair, cJSON_CreateString(name));
		cJSON_AddItemToArray(pair, cJSON_CreateString(value));
		cJSON_AddItemToArray(list, pair);
	}
	char *text = encode64((const unsigned char *)cruet_client_body(t), cruet_client_body_len(t));
	cJSON_AddStringToObject(reply, "body_b64", text);
	if (cruet_client_broken(t))
		cJSON_AddTrueToObject(reply, "broken");
	free(text);
	free(body);
	cruet_client_free(t);
	return reply;
}

/* --- applications by name ------------------------------------------------------------------ */

struct known {
	struct known *next;
	cJSON *line; /* holds the data of the application */
	struct flask *flask;
};

static void quiet(void *arg, int level, const char *who, const char *line)
{
	(void)arg, (void)level, (void)who, (void)line;
}

static struct flask *flask_named(struct known **all, cJSON *line, bool *kept)
{
	const char *name = text_of(line, "name");

	*kept = false;
	for (struct known *k = *all; k; k = k->next)
		if (!strcmp(text_of(k->line, "name"), name))
			return k->flask;
	struct known *k = calloc(1, sizeof *k);
	*k = (struct known){*all, line, flask_build(member(line, "app"))};
	*all = k;
	*kept = true;
	if (k->flask)
		cruet_log_to(k->flask->app, quiet, NULL);
	return k->flask;
}

static int answer_lines(void)
{
	struct known *all = NULL;
	char *text = NULL;
	size_t cap = 0;

	while (getline(&text, &cap, stdin) > 0) {
		cJSON *line = read_json(text, strlen(text)), *out = cJSON_CreateObject();
		cJSON *replies = cJSON_AddArrayToObject(out, "replies");
		const cJSON *step;
		bool kept;
		struct flask *f = flask_named(&all, line, &kept);
		if (f)
			cJSON_ArrayForEach(step, member(line, "steps"))
				cJSON_AddItemToArray(replies, ask(f, member(step, "send")));
		char *answer = cJSON_PrintUnformatted(out);
		puts(answer);
		fflush(stdout);
		free(answer);
		cJSON_Delete(out);
		if (!kept)
			cJSON_Delete(line);
	}
	free(text);
	return 0;
}

static char *read_file(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = NULL;
	size_t cap = 0;

	if (!f || getdelim(&text, &cap, EOF, f) < 0)
		perror(path);
	if (f)
		fclose(f);
	return text;
}

int main(int argc, char **argv)
{
	char address[64];

	if (argc == 2 && !strcmp(argv[1], "--cmd"))
		return answer_lines();
	if (argc != 3) {
		fprintf(stderr, "usage: %s APP.json PORT | --cmd\n", argv[0]);
		return 2;
	}
	char *text = read_file(argv[1]);
	cJSON *data = text ? read_json(text, strlen(text)) : NULL;
	struct flask *f = data ? flask_build(data) : NULL;
	if (!f)
		return 1;
	snprintf(address, sizeof address, "127.0.0.1:%s", argv[2]);
	int code = cruet_run(f->app, address);
	cruet_free(f->app);
	return code;
}
