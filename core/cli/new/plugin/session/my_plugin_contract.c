/* All that "session/1" promises, tried with this plugin. */
#include <cruet/contract.h>

CRUET_CONTRACT("session/1", my_plugin, NULL);
