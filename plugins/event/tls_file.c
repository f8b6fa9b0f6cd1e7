#include "tls_file.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tls_say.h"

enum { FILE_MAX = 1 << 20, CHUNK = 4096 };

static int fill(const char *what, const char *path, int fd, BIO *out, char **why)
{
	unsigned char chunk[CHUNK];
	size_t total = 0;
	ssize_t n;
	int err = CRUET_OK;

	while (!err && (n = read(fd, chunk, sizeof chunk)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			err = tls_say(why, "%s '%s' cannot be read: %s", what, path,
				      strerror(errno));
		else if ((total += (size_t)n) > FILE_MAX)
			err = tls_say(why,
				      "%s '%s' is larger than 1 MiB: expected a PEM file",
				      what, path);
		else if (BIO_write(out, chunk, (int)n) != n)
			err = CRUET_ENOMEM;
	}
	OPENSSL_cleanse(chunk, sizeof chunk);
	return err;
}

static int check_kind(const char *what, const char *path, int fd, mode_t *mode,
		      char **why)
{
	struct stat st;

	if (fstat(fd, &st))
		return tls_say(why, "%s '%s' cannot be read: %s", what, path,
			       strerror(errno));
	if (!S_ISREG(st.st_mode))
		return tls_say(why, "%s '%s' is %s: expected a PEM file", what, path,
			       S_ISDIR(st.st_mode) ? "a folder" : "no regular file");
	if (mode)
		*mode = st.st_mode;
	return CRUET_OK;
}

int tls_file_read(const char *what, const char *path, BIO **out, mode_t *mode, char **why)
{
	/* Whoever opens a pipe by mistake must not wait for its other end. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	*out = NULL;
	if (fd < 0)
		return tls_say(why, "%s '%s' cannot be opened: %s", what, path,
			       strerror(errno));
	int err = check_kind(what, path, fd, mode, why);
	if (!err) {
		*out = BIO_new(BIO_s_mem());
		err = *out ? fill(what, path, fd, *out, why) : CRUET_ENOMEM;
	}
	close(fd);
	if (err) {
		BIO_free(*out);
		*out = NULL;
	}
	return err;
}
