/* The contract of cache/1, for this provider. */
#include <cruet/contract.h>

CRUET_CONTRACT("cache/1", cache, "memory=4m\nshards=4");
