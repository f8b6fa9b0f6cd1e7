/* The contract of validate/1, for this provider. */
#include <cruet/contract.h>

CRUET_CONTRACT("validate/1", validate, NULL);
