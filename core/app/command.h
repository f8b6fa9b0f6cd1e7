/* Running a command of an application or a plugin: cruet NAME ARG... */
#ifndef APP_COMMAND_H
#define APP_COMMAND_H

#include "cruet/app.h"

/* Runs it in a ctx of its own, starting the app if it does not run yet; argv[0] is
 * the name. Its exit code; 2 if there is none of that name; 1 if the app does not
 * start, or if the command fails like a handler (a negative code, 400 to 599),
 * which is logged. */
int command_run(cruet_app *app, const char *name, int argc, char **argv);

#endif
