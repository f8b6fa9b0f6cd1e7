/* Commands about plugins. */
#ifndef SERVER_CONTROL_PLUGINS_H
#define SERVER_CONTROL_PLUGINS_H

#include "server/control_commands.h"

/* {"command": "plugins"}: "plugins", a list of what is attached, each with "name", "plugin",
 * "version" and "state": running, quarantined, or closed: one that it needs is. */
int control_plugins(struct control_call *call);
void control_plugins_of_all(struct control_call *call, const cruet_json *workers);
/* {"command": "clear", "plugin": NAME}: it is not quarantined any more. */
int control_clear(struct control_call *call);
extern const char *const control_clear_takes[];

#endif
