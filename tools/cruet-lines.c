/* cruet-lines: says where in a source instructions lie, from debug information.
 *
 *     cruet-lines [-p PID:TID] FD:OFFSET[:PC]|- ...
 *
 * FD is an open ELF file, OFFSET the hexadecimal address of an instruction as the file has
 * it. For each argument, one line on standard output, its fields separated by tabs:
 * function, source file, line; "-" for what is not known. The parent of workers runs it
 * when one of them has crashed.
 *
 * With -p that thread is still there and stands still, and PC is the same place as its stack
 * has it: then a line follows for each argument and variable of that function, which begins
 * with a tab and has its name and value. */
#include <elfutils/libdwfl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "variables.h"

enum { FILES_MAX = 64, FRAMES_MAX = 256 };

struct file {
	int fd;
	Dwfl *dwfl;
	Dwfl_Module *module; /* NULL: it is no ELF file */
};

static const Dwfl_Callbacks callbacks = {
	.find_elf = dwfl_build_id_find_elf,
	.find_debuginfo = dwfl_standard_find_debuginfo,
	.section_address = dwfl_offline_section_address,
};

static void open_file(struct file *f, int fd)
{
	char path[32];

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	f->fd = fd;
	f->dwfl = dwfl_begin(&callbacks);
	if (!f->dwfl)
		return;
	dwfl_report_begin(f->dwfl);
	f->module = dwfl_report_offline(f->dwfl, path, path, -1);
	dwfl_report_end(f->dwfl, NULL, NULL);
}

static Dwfl_Module *module_of(struct file *files, int fd)
{
	for (struct file *f = files; f < files + FILES_MAX; f++) {
		if (!f->dwfl)
			open_file(f, fd);
		if (f->fd == fd)
			return f->module;
	}
	return NULL;
}

static void put(const char *text, char end)
{
	for (const char *p = text ? text : "-"; *p; p++)
		putchar(*p == '\t' || *p == '\n' ? '?' : *p);
	putchar(end);
}

/* A name that is relative starts in the folder where the compiler ran. */
static void put_source(Dwfl_Line *line)
{
	int number = 0;
	const char *file = line ? dwfl_lineinfo(line, NULL, &number, NULL, NULL, NULL) : NULL;
	const char *folder = file && *file != '/' ? dwfl_line_comp_dir(line) : NULL;

	if (!file || number < 1) {
		fputs("-\t-\n", stdout);
		return;
	}
	if (folder)
		put(folder, '/');
	put(file, '\t');
	printf("%d\n", number);
}

static void look_up(struct file *files, const char *what)
{
	GElf_Addr bias = 0;
	uint64_t offset;
	int fd;
	Dwfl_Module *m = sscanf(what, "%d:%" SCNx64, &fd, &offset) == 2 && fd >= 0
				 ? module_of(files, fd)
				 : NULL;

	if (!m || !dwfl_module_getelf(m, &bias)) {
		fputs("-\t-\t-\n", stdout);
		return;
	}
	put(dwfl_module_addrname(m, offset + bias), '\t');
	put_source(dwfl_module_getsrc(m, offset + bias));
}

/* The PC of "7:1139:55b32874b2c0"; 0: there is none. */
static uint64_t pc_of(const char *what)
{
	uint64_t pc;
	return sscanf(what, "%*d:%*[0-9a-f]:%" SCNx64, &pc) == 1 ? pc : 0;
}

static void read_variables(const char *whose, struct wanted *frames, char **what, size_t n)
{
	int pid, tid;

	for (size_t i = 0; i < n; i++)
		frames[i].pc = pc_of(what[i]);
	if (sscanf(whose, "%d:%d", &pid, &tid) == 2)
		variables_read(pid, tid, frames, n);
}

int main(int argc, char **argv)
{
	struct file files[FILES_MAX] = {{.fd = -1}};
	struct wanted frames[FRAMES_MAX] = {{0}};
	bool live = argc > 2 && !strcmp(argv[1], "-p");
	char **what = argv + (live ? 3 : 1);
	size_t n = (size_t)(argv + argc - what);

	n = argc && n <= FRAMES_MAX ? n : 0;
	if (live)
		read_variables(argv[2], frames, what, n);
	for (size_t i = 0; i < n; i++) {
		look_up(files, what[i]);
		fputs(frames[i].values ? frames[i].values : "", stdout);
		free(frames[i].values);
	}
	for (int i = 0; i < FILES_MAX; i++)
		if (files[i].dwfl)
			dwfl_end(files[i].dwfl);
	return fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}
