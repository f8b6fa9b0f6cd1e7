/* Commands that change the plugins of a server while it serves (plugin/change.h).
 *
 * {"command": "reload"}, {"command": "reload", "plugin": NAME}, {"command": "load",
 * "plugin": NAME} and {"command": "unload", "plugin": NAME}. The answer has "changed"; if
 * that is true, "generation", "build_us", "drain_ms" and the names that were "replaced",
 * "added" and "removed"; those that still have requests in "left"; and in "fixed" the
 * settings that differ but that only a new start changes. A reload of all reads the
 * certificates anew, too. */
#ifndef SERVER_CONTROL_CHANGE_H
#define SERVER_CONTROL_CHANGE_H

#include "server/control_commands.h"

extern const char *const control_change_takes[];
int control_reload(struct control_call *call);
int control_load(struct control_call *call);
int control_unload(struct control_call *call);
/* The slowest worker's times, and what any of them still has to say. */
void control_change_of_all(struct control_call *call, const cruet_json *workers);

#endif
