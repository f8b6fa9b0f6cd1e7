/* All that "cache/1" promises, tried with this plugin. */
#include <cruet/contract.h>

CRUET_CONTRACT("cache/1", my_plugin, NULL);
