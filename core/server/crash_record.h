/* What is known of a crash: written in a signal handler, where no memory can be had, and
 * sent to the parent as it stands. So all of it is of a fixed size and has no pointers. */
#ifndef SERVER_CRASH_RECORD_H
#define SERVER_CRASH_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	CRASH_ID = 8,       /* characters of an id */
	CRASH_NAME = 65,    /* PLUGIN_NAME_MAX and a NUL */
	CRASH_FRAMES = 48,  /* of a stack, innermost first */
	CRASH_MODULES = 24, /* files that these lie in */
	CRASH_PLUGINS = 64,
	CRASH_PATH = 256
};

struct crash_frame {
	uint64_t pc;     /* as a debugger shows it: behind the call */
	uint64_t offset; /* of the instruction in its file */
	int32_t module;  /* -1: in none */
	int32_t ours;    /* it lies in the code that is blamed */
};

struct crash_module {
	char path[CRASH_PATH]; /* that was opened: of a plugin its private copy */
	char file[CRASH_PATH]; /* that it was made of */
	uint8_t own;           /* the application's */
};

struct crash_plugin {
	char name[CRASH_NAME]; /* of the instance */
	char version[24];
};

/* What was tried with the address. */
enum crash_access { CRASH_UNKNOWN, CRASH_READ, CRASH_WROTE, CRASH_RAN };

/* How whose fault it is was found out. */
enum crash_blame { CRASH_BY_NOTHING, CRASH_BY_STEP, CRASH_BY_ADDRESS, CRASH_BY_SCOPE };

struct crash_record {
	uint32_t size;
	int32_t signal, code, pid, tid;
	int64_t time_ms; /* since 1970 */
	uint64_t address; /* that could not be reached, or where the instruction lies */
	char id[CRASH_ID + 1];
	struct crash_plugin plugin; /* whose code it was; "": the program's own */
	int32_t blame;   /* enum crash_blame */
	char climber[CRASH_NAME]; /* the plugin that went up or down its ladder; "": none, */
	char step[16];   /* and the step of it */
	char method[24], target[1024], route[128]; /* of the request; "": none */
	char says[256];  /* why the C library ended it, or an assertion did; "" */
	uint32_t hang_ms; /* it did not crash: a request took longer than this */
	uint8_t access;  /* enum crash_access */
	uint8_t spoken;  /* the request's reply had begun */
	uint8_t answered; /* it got the plain 500 */
	uint8_t overflow; /* the stack was full */
	uint8_t transport; /* the plugin is the transport */
	uint32_t lost;    /* other requests that got no reply */
	uint32_t nframes, nmodules, nplugins;
	struct crash_frame frames[CRASH_FRAMES];
	struct crash_module modules[CRASH_MODULES];
	struct crash_plugin plugins[CRASH_PLUGINS];
};

/* What a record from another process says may be anything: puts numbers into their
 * bounds and an end to every text. False: it is no record. */
bool crash_record_check(struct crash_record *r, size_t len);

/* It reached for what a NULL pointer points to, or should: not where the address is not known,
 * as that of one which cannot be an address. */
bool crash_at_null(const struct crash_record *r);

/* "SIGSEGV". */
const char *crash_signal_name(int signal);

#endif
