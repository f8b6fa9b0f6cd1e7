/* The parts of the plugin. */
#ifndef ASSETS_H
#define ASSETS_H

#include <cruet.h>
#include <cruet/plugin.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/stat.h>

struct config {
	const char *folder, *path; /* path: of the rule that serves the folder */
	const char *const *pack; /* suffixes of files that are packed */
};

/* --- prints.c: what is in files, told by hashes */

enum {
	PRINT_LEN = 12, /* hex digits in a name */
	HASH_LEN = 32,
	NAME_ROOM = 512, /* bytes of a name, with its fingerprint, and its NUL */
	PRINT_MAX = 8 << 20 /* bytes of a file that is read because a client says so */
};

/* The state of a file that a hash is of. */
struct version {
	dev_t device;
	ino_t number;
	off_t size;
	struct timespec modified, changed; /* the latter cannot be set back */
};

struct print {
	struct version version;
	unsigned char hash[HASH_LEN];
};

struct prints {
	const char *folder;
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t over;  /* a file was read */
	struct known **rows;  /* by the hash of their names; grows with the number of files */
	size_t n, nrows;
};

void prints_init(struct prints *p, const char *folder);
void prints_fini(struct prints *p);

/* What is in a file of that name at this moment. It is read when its version is a new one.
 * CRUET_OK; CRUET_ENOENT: there is no such file below the folder, or name_may() refuses it;
 * CRUET_ENOMEM; CRUET_EIO and errno. [any thread] */
int prints_find(struct prints *p, const char *name, struct print *out);
/* The same of a file that was opened by this name, which name_may() allows. CRUET_ENOENT:
 * it is larger than PRINT_MAX, and nobody has asked prints_find() for it. [any thread] */
int prints_of(struct prints *p, const char *name, int fd, struct print *out);

/* --- names.c: names with a fingerprint in them */

/* True for names of files below a folder, in their plain spelling and short enough: those
 * that name_take() gives. */
bool name_may(const char *name);
/* Puts the first digits of a hash into such a name: "css/site.3f2a9c1b5d7e.css". */
void name_put(const char *name, const unsigned char hash[HASH_LEN], char out[NAME_ROOM]);
/* The inverse; false: a name of len bytes has nothing in it that looks like that, or is none
 * of a file below a folder. */
bool name_take(const char *full, size_t len, char out[NAME_ROOM]);

/* --- forms.c */

struct form {
	const char *suffix;
	/* len bytes, at most 64 MiB, in memory of its own; NULL: there is none. */
	uint8_t *(*pack)(const uint8_t *p, size_t len, size_t *got);
	/* True if n packed bytes hold these, and nothing else. */
	bool (*holds)(const uint8_t *packed, size_t n, const uint8_t *p, size_t len);
};
extern const struct form forms[]; /* ends with suffix == NULL */

/* --- pack.c */

/* Writes NAME.br and NAME.gz beside the files of the folder, where there are none that hold
 * what is in NAME. Gives the exit code of a command. */
int pack_folder(const struct config *cfg);

#endif
