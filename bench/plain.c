/* The baseline: civetweb alone, answering in begin_request with one write, with the
 * options that cruet sets and the same bytes in its replies.
 *
 *	bench_plain PORT THREADS */
#include <cjson/cJSON.h>
#include <civetweb.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static _Thread_local time_t date_second;
static _Thread_local char date[64];

static const char *http_date(void)
{
	time_t now = time(NULL);
	struct tm tm;

	if (now != date_second) {
		date_second = now;
		strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&now, &tm));
	}
	return date;
}

static void answer(struct mg_connection *conn, const char *type, const char *body, size_t len)
{
	char buf[1024];
	int head = snprintf(buf, sizeof buf,
			    "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
			    "X-Content-Type-Options: nosniff\r\nDate: %s\r\n\r\n",
			    type, len, http_date());
	memcpy(buf + head, body, len);
	mg_write(conn, buf, (size_t)head + len);
}

static int begin_request(struct mg_connection *conn)
{
	static const char text_plain[] = "text/plain; charset=utf-8";
	const struct mg_request_info *ri = mg_get_request_info(conn);
	const char *path = ri->local_uri_raw;
	char text[128];

	if (!strcmp(path, "/")) {
		answer(conn, text_plain, "Hello, world!\n", 14);
	} else if (!strcmp(path, "/json")) {
		cJSON *o = cJSON_CreateObject();
		cJSON_AddStringToObject(o, "message", "Hello, world!");
		int ok = cJSON_PrintPreallocated(o, text, sizeof text, 0);
		cJSON_Delete(o);
		size_t n = ok ? strlen(text) : 0;
		text[n++] = '\n';
		answer(conn, "application/json", text, n);
	} else {
		int n = snprintf(text, sizeof text, "item %.32s\n", strrchr(path, '/') + 1);
		answer(conn, text_plain, text, (size_t)n);
	}
	return 200;
}

int main(int argc, char **argv)
{
	char port[32];
	sigset_t set;
	int sig;

	if (argc != 3) {
		fprintf(stderr, "usage: %s PORT THREADS\n", argv[0]);
		return 2;
	}
	snprintf(port, sizeof port, "127.0.0.1:%s", argv[1]);
	const char *options[] = {"listening_ports", port, "num_threads", argv[2],
				 "request_timeout_ms", "30000", "keep_alive_timeout_ms", "30000",
				 "enable_keep_alive", "yes", "tcp_nodelay", "1", "decode_url", "no",
				 "decode_query_string", "no", "connection_queue", "1",
				 "listen_backlog", "4096", "enable_auth_domain_check", "no",
				 "access_control_allow_methods", "", NULL};
	const struct mg_callbacks callbacks = {.begin_request = begin_request};
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	mg_init_library(0);
	struct mg_context *ctx = mg_start(&callbacks, NULL, options);
	if (!ctx) {
		fprintf(stderr, "%s: cannot listen on %s\n", argv[0], port);
		return 1;
	}
	sigwait(&set, &sig);
	mg_stop(ctx);
	return 0;
}
