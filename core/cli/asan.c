#include "cli/asan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/capture.h"
#include "server/sanitizer.h"

/* Between two runs of this program, so that there is no third. */
static const char again[] = "CRUET_ASAN";

static const char flags[] = "-fsanitize=address,undefined -fsanitize-recover=address,undefined "
			    "-fno-omit-frame-pointer";

/* Signals are ours; leaks are looked for when a request has ended. */
static const char options[] =
	"halt_on_error=0:suppress_equal_pcs=0:verify_asan_link_order=0:leak_check_at_exit=0:detect_leaks=1:"
	"detect_stack_use_after_return=0:use_sigaltstack=0:handle_segv=0:handle_sigbus=0:"
	"handle_sigfpe=0:handle_sigill=0:handle_abort=0:print_summary=0";
static const char undefined_options[] =
	"print_stacktrace=1:halt_on_error=0:use_sigaltstack=0:handle_segv=0:handle_sigbus=0:"
	"handle_sigfpe=0:handle_sigill=0:handle_abort=0";

/* Where the compiler has that library; NULL: it has not. */
static const char *find(const char *library, struct arena *a)
{
	const char *cc = getenv("CC");
	const char *option = arena_printf(a, "-print-file-name=%s", library);
	const char *argv[] = {cc && *cc ? cc : "cc", option, NULL}, *out = NULL;

	if (!option || capture(argv, a, &out) != 0)
		return NULL;
	char *path = arena_strndup(a, out, strcspn(out, "\n"));
	return path && *path == '/' ? path : NULL;
}

static bool set_joined(const char *name, const char *between, const char *more, struct arena *a)
{
	const char *had = getenv(name);
	const char *all = had && *had ? arena_printf(a, "%s%s%s", had, between, more) : more;
	return all && !setenv(name, all, 1);
}

static char **arguments(struct arena *a)
{
	enum { MOST = 4096, BYTES = 1 << 20 };
	char *bytes = arena_alloc(a, BYTES), **argv = arena_array(a, MOST + 1, sizeof *argv);
	int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 || !bytes || !argv ? -1 : read(fd, bytes, BYTES - 1);
	size_t count = 0;

	if (fd >= 0)
		close(fd);
	for (char *p = bytes; n > 0 && p < bytes + n && count < MOST; p += strlen(p) + 1)
		argv[count++] = p;
	return n > 0 ? argv : NULL;
}

int asan_enter(struct cmdline *c)
{
	struct arena *a = &c->arena;

	if (!args_value(&c->args, "asan"))
		return EXIT_DONE;
	if (sanitizer_here()) { /* the compiler, and what else is started, is to be without */
		unsetenv("LD_PRELOAD");
		unsetenv(again);
		return EXIT_DONE;
	}
	if (getenv(again))
		return cli_fail("--asan: libasan was not loaded: LD_PRELOAD has no effect here");
	const char *asan = find("libasan.so", a), *ubsan = find("libubsan.so", a);
	if (!asan || !ubsan)
		return cli_fail("--asan: the compiler has no libasan.so and libubsan.so: install gcc and "
				"its sanitizers (Debian: libasan8, libubsan1), or name gcc in CC");
	const char *preload = arena_printf(a, "%s %s", asan, ubsan);
	char **argv = arguments(a);
	if (preload && argv && !setenv("LD_PRELOAD", preload, 1) && !setenv(again, "1", 1) &&
	    (strstr(getenv("CFLAGS") ? getenv("CFLAGS") : "", flags) ||
	     set_joined("CFLAGS", " ", flags, a)) &&
	    !setenv("ASAN_OPTIONS", options, 1) && !setenv("UBSAN_OPTIONS", undefined_options, 1))
		execv("/proc/self/exe", argv);
	return cli_fail("--asan: this program cannot be started anew: %s", strerror(errno));
}
