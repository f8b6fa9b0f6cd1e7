/* Which lines of an application its tests have run. */
#ifndef CLI_COVERAGE_H
#define CLI_COVERAGE_H

#include "cruet/types.h"

struct arena;

/* COVERAGE_TOOLS are there; or EXIT_FAILED after saying which package has them. */
int coverage_check(void);

/* Reads what a program that was built by --coverage in the folder build has counted for the
 * sources in site, those in its tests/ excepted. Makes pages of it in the folder pages;
 * prints a table, or adds it to json as "coverage". EXIT_DONE, or EXIT_FAILED after
 * saying why. */
int coverage_report(const char *build, const char *site, const char *pages, cruet_json *json,
		    struct arena *a);

#endif
