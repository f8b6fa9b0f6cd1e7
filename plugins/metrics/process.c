#include "process.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* Opening the folder costs one descriptor, which is not counted. */
static double count_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	double n = -1;

	if (!d)
		return -1;
	for (struct dirent *e; (e = readdir(d));)
		n += e->d_name[0] != '.';
	closedir(d);
	return n;
}

/* When the machine was started, in seconds since 1970. */
static double boot_seconds(void)
{
	struct timespec now, up;

	clock_gettime(CLOCK_REALTIME, &now);
	clock_gettime(CLOCK_BOOTTIME, &up);
	return (double)(now.tv_sec - up.tv_sec) +
	       (double)(now.tv_nsec - up.tv_nsec) / 1e9;
}

static bool read_stat(struct process *p)
{
	char text[1024];
	unsigned long long user, system, start, bytes;
	long threads, pages;
	double tick = (double)sysconf(_SC_CLK_TCK);
	FILE *f = fopen("/proc/self/stat", "re");

	if (!f)
		return false;
	size_t n = fread(text, 1, sizeof text - 1, f);
	fclose(f);
	text[n] = '\0';
	/* The second word is a name that may hold anything; fields count from the third.
	 */
	const char *rest = strrchr(text, ')');
	if (!rest || sscanf(rest + 1,
			    " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %*d "
			    "%*d %*d %*d %ld "
			    "%*d %llu %llu %ld",
			    &user, &system, &threads, &start, &bytes, &pages) != 6)
		return false;
	p->cpu_seconds = (double)(user + system) / tick;
	p->start_seconds = boot_seconds() + (double)start / tick;
	p->threads = (double)threads;
	p->virtual_bytes = (double)bytes;
	p->resident_bytes = (double)pages * (double)sysconf(_SC_PAGESIZE);
	return true;
}

bool process_read(struct process *p)
{
	struct rlimit most;

	if (!read_stat(p))
		return false;
	p->open_fds = count_fds();
	p->max_fds = getrlimit(RLIMIT_NOFILE, &most) || most.rlim_cur == RLIM_INFINITY
			     ? -1
			     : (double)most.rlim_cur;
	return true;
}
