/* All that "session_store/1" promises, tried with this plugin. */
#include <cruet/contract.h>

CRUET_CONTRACT("session_store/1", my_plugin, NULL);
