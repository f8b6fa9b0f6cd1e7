/* The contract of template/1, for this provider. */
#include <cruet/contract.h>

CRUET_CONTRACT("template/1", jinja, NULL);
