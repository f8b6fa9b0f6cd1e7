/* The application's own settings, as a table like that of a plugin. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "app/config_priv.h"
#include "app/option.h"
#include "base/text.h"
#include "cruet/error.h"
#include "cruet/log.h"

#define SETTING(key, m, KIND, ...)                                                       \
	{.name = key, .type = CRUET_OPT_##KIND,                                          \
	 .offset = (uint32_t)(offsetof(struct server_settings, m) +                      \
			      0 * sizeof(1 ? &((struct server_settings *)0)->m           \
					   : (cruet_opt_##KIND *)0)),                    \
	 __VA_ARGS__}
#define BOUNDED(low, high) .flags = CRUET_OPT_BOUNDS, .min = (low), .max = (high)
#define PROXIES            BOUNDED(0, 16), .help = "how many proxies stand in front, 0 to 16"

const cruet_option server_options[] = {
	SETTING("app", app, STR, .help = "the file of the application, such as site.so"),
	SETTING("secret_key", secret_key, STR, .flags = CRUET_OPT_SECRET,
		.help = "a text of random characters"),
	SETTING("log_level", log_level, ENUM, .def = "info", .choices = "debug|info|warn|error"),
	SETTING("server.listen", listen, LIST, .def = "127.0.0.1:8000",
		.help = "addresses, such as 127.0.0.1:8000"),
	SETTING("server.threads", threads, INT, .def = "64", BOUNDED(1, 4096),
		.help = "a whole number from 1 to 4096"),
	SETTING("server.workers", workers, INT, .def = "0", BOUNDED(0, 64),
		.help = "a whole number from 0 (this process serves) to 64"),
	SETTING("server.transport", transport, STR, .def = "civetweb",
		.help = "the name of a transport"),
	SETTING("server.control", control, STR, .def = "var/run/control.sock",
		.help = "the path of a socket, or none"),
	SETTING("server.tls", tls, JSON, .help = "an object, as docs/tls.md shows it"),
	SETTING("server.crashes", crashes, STR, .def = "var/crashes",
		.help = "a folder, or \"\" for no reports"),
	SETTING("server.drain", drain, TIME, .def = "10s"),
	SETTING("server.plugin_stop", plugin_stop, TIME, .def = "10s", BOUNDED(1, 86400000),
		.help = "a time from 1ms to 1d"),
	SETTING("server.head_timeout", head_timeout, TIME, .def = "30s", BOUNDED(1, 86400000),
		.help = "a time from 1ms to 1d"),
	SETTING("server.body_timeout", body_timeout, TIME, .def = "5m", BOUNDED(1, 86400000),
		.help = "a time from 1ms to 1d"),
	SETTING("server.idle_timeout", idle_timeout, TIME, .def = "30s", BOUNDED(1, 86400000),
		.help = "a time from 1ms to 1d"),
	SETTING("server.write_timeout", write_timeout, TIME, .def = "30s", BOUNDED(1, 86400000),
		.help = "a time from 1ms to 1d"),
	SETTING("server.handler_timeout", handler_timeout, TIME, .def = "0",
		BOUNDED(0, 86400000), .help = "a time from 0 (any) to 1d"),
	SETTING("server.debug_limit", debug_limit, TIME, .def = "30s", BOUNDED(0, 86400000),
		.help = "a time from 0 (any) to 1d"),
	SETTING("server.body_rate", body_rate, SIZE, .def = "256",
		.help = "bytes a second, such as 256 or 1k"),
	SETTING("server.body_max", body_max, SIZE, .def = "16m"),
	SETTING("server.field_max", field_max, SIZE, .def = "500000"),
	SETTING("server.head_max", head_max, SIZE, .def = "16k", BOUNDED(1024, 1 << 20),
		.help = "a size from 1k to 1m"),
	SETTING("server.fields_max", fields_max, INT, .def = "1000", BOUNDED(1, 1000000),
		.help = "a whole number from 1 to 1000000"),
	SETTING("server.cookies_max", cookies_max, INT, .def = "100", BOUNDED(1, 10000),
		.help = "a whole number from 1 to 10000"),
	SETTING("server.headers_max", headers_max, INT, .def = "63", BOUNDED(8, 1000),
		.help = "a whole number from 8 to 1000"),
	SETTING("server.json_depth", json_depth, INT, .def = "64", BOUNDED(1, 500),
		.help = "a whole number from 1 to 500"),
	SETTING("server.json_members", json_members, INT, .def = "10000", BOUNDED(1, 10000000),
		.help = "a whole number from 1 to 10000000"),
	SETTING("server.file_max_age", file_max_age, TIME, .def = "0"),
	SETTING("server.trusted_hosts", trusted_hosts, LIST, .def = "",
		.help = "host names, such as example.com or .example.com"),
	SETTING("server.name", name, STR, .help = "the host of the site, such as example.com"),
	SETTING("server.root", root, STR, .def = "",
		.help = "the path that the site lies below, such as /app"),
	SETTING("server.scheme", scheme, STR, .def = "http", .help = "http or https"),
	SETTING("server.subdomains", subdomains, BOOL, .def = "false"),
	SETTING("server.host_matching", host_matching, BOOL, .def = "false"),
	SETTING("server.auto_options", auto_options, BOOL, .def = "true"),
	SETTING("server.proxy_for", proxy_for, INT, .def = "0", PROXIES),
	SETTING("server.proxy_proto", proxy_proto, INT, .def = "0", PROXIES),
	SETTING("server.proxy_host", proxy_host, INT, .def = "0", PROXIES),
	SETTING("server.proxy_port", proxy_port, INT, .def = "0", PROXIES),
	SETTING("server.proxy_prefix", proxy_prefix, INT, .def = "0", PROXIES),
	SETTING("server.plugin_path", plugin_path, LIST, .def = "",
		.help = "folders, such as plugins"),
	{.name = NULL},
};

int config_server(const struct config *cf, struct server_settings *s, struct arena *a,
		  char **why)
{
	const char *text = NULL;

	*why = NULL;
	memset(s, 0, sizeof *s);
	int err = option_defaults(server_options, sizeof *server_options, s, a, &text);
	for (const cruet_option *o = server_options; !err && o->name; o++) {
		const cJSON *v = config_value(cf, o->name);
		if (!v)
			continue;
		err = option_set_json(server_options, sizeof *server_options, s, NULL, o->name, v,
				      a, &text);
		if (err && text) {
			err = config_fail(why, err, "%s: %s", config_origin(cf, o->name),
					  text_starts(text, "option ") ? text + 7 : text);
			err = config_mistake(cf, err, why);
		}
		if (err && *why)
			return err;
	}
	return err ? config_fail(why, err, "%s", text ? text : "out of memory") : CRUET_OK;
}
