/* cruet-lines: says where in a source instructions lie, from debug information.
 *
 *     cruet-lines FD:OFFSET|- ...
 *
 * FD is an open ELF file, OFFSET the hexadecimal address of an instruction as the file has
 * it. For each argument, one line on standard output, its fields separated by tabs:
 * function, source file, line; "-" for what is not known. The parent of workers runs it
 * when one of them has crashed. */
#include <elfutils/libdwfl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILES_MAX = 64 };

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

int main(int argc, char **argv)
{
	struct file files[FILES_MAX] = {{.fd = -1}};

	for (int i = 1; i < argc; i++)
		look_up(files, argv[i]);
	for (int i = 0; i < FILES_MAX; i++)
		if (files[i].dwfl)
			dwfl_end(files[i].dwfl);
	return fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}
