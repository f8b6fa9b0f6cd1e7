/* A file that is about to be sent, wherever its bytes are. */
#ifndef APP_FILE_H
#define APP_FILE_H

#include "app/ctx.h"
#include "cruet/file.h"

struct file {
	int fd;		   /* that has the bytes, closed with the request; or -1 and */
	const void *bytes; /* they lie here until the request has ended */
	uint64_t size;
	int64_t modified; /* unix time; negative: not known */
	long nanoseconds;
	const char *etag;     /* without quotes; NULL: made of time and size */
	const char *name;     /* base name, for the client and for the type */
	const char *encoding; /* of the bytes, or NULL */
	bool varies;	      /* other encodings of it are there */
	bool same_time; /* packed files count only if they have its very time */
	const char *caching; /* Cache-Control, instead of what the options say; or NULL */
	cruet_file_opts opts;
};

/* Without bytes yet; path may end in its name for the client. */
void file_begin(struct file *f, const char *path, const cruet_file_opts *opts);

/* Fills in the bytes and their time. CRUET_OK, 404, or another failure. */
typedef int file_find_fn(cruet_ctx *c, const void *where, const char *name,
			 struct file *f);
/* Looks for packed files beside the one that was found, and takes the best that the
 * client wants. The file itself stays the measure of freshness. CRUET_OK or a failure. */
int file_choose_packed(cruet_ctx *c, struct file *f, const char *name, file_find_fn *find,
		       const void *where);

/* Prepares the reply: type, validators, caching, the range that is asked for. */
int file_reply(cruet_ctx *c, struct file *f);

/* Looks at a file that was opened, before a reply is made of it. CRUET_OK: go on; 404, or
 * another failure. */
typedef int file_look_fn(cruet_ctx *c, const void *arg, struct file *f);
/* cruet_send_from(), with somebody who looks. */
int file_send_from(cruet_ctx *c, const char *folder, const char *name,
		   const cruet_file_opts *opts, file_look_fn *look, const void *arg);

struct entry_rule;
/* The folder that a rule of cruet_static() has its files from; NULL: it is another rule. */
const char *static_folder(const struct entry_rule *e);

#endif
