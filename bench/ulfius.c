/* The same replies by ulfius, with 300 routes:
 *
 *	bench_ulfius PORT */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <ulfius.h>

static int text(struct _u_response *res, const char *body)
{
	ulfius_set_string_body_response(res, 200, body);
	ulfius_add_header_to_response(res, "Content-Type", "text/plain; charset=utf-8");
	return U_CALLBACK_COMPLETE;
}

static int hello(const struct _u_request *req, struct _u_response *res, void *arg)
{
	(void)req, (void)arg;
	return text(res, "Hello, world!\n");
}

static int json(const struct _u_request *req, struct _u_response *res, void *arg)
{
	json_t *o = json_pack("{s:s}", "message", "Hello, world!");

	(void)req, (void)arg;
	ulfius_set_json_body_response(res, 200, o);
	json_decref(o);
	return U_CALLBACK_COMPLETE;
}

static int item(const struct _u_request *req, struct _u_response *res, void *arg)
{
	char body[64];

	(void)arg;
	snprintf(body, sizeof body, "item %.32s\n", u_map_get(req->map_url, "id"));
	return text(res, body);
}

int main(int argc, char **argv)
{
	struct _u_instance server;
	char path[64];
	sigset_t set;
	int sig;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	if (argc != 2 ||
	    ulfius_init_instance(&server, (unsigned)atoi(argv[1]), NULL, NULL) != U_OK) {
		fprintf(stderr, "usage: %s PORT\n", argv[0]);
		return 2;
	}
	ulfius_add_endpoint_by_val(&server, "GET", NULL, "/", 0, hello, NULL);
	ulfius_add_endpoint_by_val(&server, "GET", NULL, "/json", 0, json, NULL);
	for (int i = 0; i < 298; i++) {
		snprintf(path, sizeof path, "/section%d/:id", i);
		ulfius_add_endpoint_by_val(&server, "GET", NULL, path, 0, item, NULL);
	}
	if (ulfius_start_framework(&server) != U_OK)
		return 1;
	sigwait(&set, &sig);
	ulfius_stop_framework(&server);
	ulfius_clean_instance(&server);
	return 0;
}
