#include "base/errors.h"

#include "cruet/error.h"

const char *cruet_strerror(int err)
{
	switch (err) {
	case CRUET_OK:
	case CRUET_DONE:
		return "no error";
#define X(name, code, http, text)                                                        \
	case CRUET_##name:                                                               \
		return text;
		CRUET_ERRORS(X)
#undef X
	default:
		return "unknown error";
	}
}

int error_status(int err)
{
	switch (err) {
#define X(name, code, http, text)                                                        \
	case CRUET_##name:                                                               \
		return http;
		CRUET_ERRORS(X)
#undef X
	default:
		return 500;
	}
}

bool error_known(int err)
{
	switch (err) {
#define X(name, code, http, text) case CRUET_##name:
		CRUET_ERRORS(X)
#undef X
		return true;
	default:
		return false;
	}
}
