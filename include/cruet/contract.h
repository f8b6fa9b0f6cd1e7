/* The promises of a service as tests, for authors of plugins that provide one. A test of
 * a provider is one line:
 *
 *	#include <cruet/contract.h>
 *	CRUET_CONTRACT("cache/1", my_cache, "host=127.0.0.1");
 *
 * built with `pkg-config --cflags --libs cruet-contract` and the source of the plugin. It
 * is a program that tries each promise in a process of its own, with an application that
 * has this plugin alone, prints those that are broken, and ends with 0 if all are kept,
 * else 1. `./test NAME` tries one, in the process itself, for a debugger.
 *
 * Known are "cache/1", "db/1", "forms/1", "login/1", "session/1", "session_store/1",
 * "template/1" and "validate/1". No part of libcruet and not of cruet.h; needs no library
 * for tests. */
#ifndef CRUET_CONTRACT_H
#define CRUET_CONTRACT_H

#include "cruet/types.h"

/* How a provider of "db/1" spells a few words. */
typedef struct cruet_contract_sql {
	uint32_t size;
	uint32_t reserved;
	const char *auto_id; /* "integer primary key": numbers itself, from 1 */
	const char *int64;   /* "integer" */
	const char *real;    /* "real": a double */
	const char *bytes;   /* "blob" */
} cruet_contract_sql;

typedef struct cruet_contract {
	uint32_t size;
	uint32_t reserved;
	const char *service;	    /* "cache/1" */
	const cruet_plugin *plugin; /* linked in */
	const char *options;	    /* as for cruet_use_static() */
	/* Where one plugin is not all: attaches the provider and what it needs, with
	 * nothing kept from before. Is called in place of the two. */
	int (*attach)(cruet_app *app, void *arg);
	/* After each promise, also a broken one: removes what was left. NULL: nothing. */
	void (*done)(void *arg);
	void *arg;
	const cruet_contract_sql *sql; /* "db/1" alone; NULL: as SQLite does */
} cruet_contract;

CRUET_BEGIN

/* Tries the promises named in argv[1] and so on, or all of them. What main() returns: 0,
 * 1 if one is broken, 2 for a service or a promise that is not known. The application
 * has a secret_key. */
CRUET_API int cruet_contract_run(const cruet_contract *k, int argc, char **argv);

CRUET_END

/* main() for a plugin that needs no other: its name and its options. */
#define CRUET_CONTRACT(id, name, opts)                                                \
	extern const cruet_plugin cruet_plugin_##name;                                \
	int main(int argc, char **argv)                                               \
	{                                                                             \
		const cruet_contract k = {sizeof k, 0,	  id,	&cruet_plugin_##name, \
					  opts,	    NULL, NULL, NULL,                 \
					  NULL};                                      \
		return cruet_contract_run(&k, argc, argv);                            \
	}                                                                             \
	struct cruet_contract_takes_a_semicolon

#endif
