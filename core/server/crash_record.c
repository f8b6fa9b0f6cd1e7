#include "server/crash_record.h"

#include <signal.h>

enum { NULL_PAGE = 4096 };

static void end(char *text, size_t cap)
{
	text[cap - 1] = '\0';
}

static void end_plugin(struct crash_plugin *p)
{
	end(p->name, sizeof p->name);
	end(p->version, sizeof p->version);
}

static void check_lists(struct crash_record *r)
{
	for (uint32_t i = 0; i < r->nframes; i++)
		if (r->frames[i].module < -1 || r->frames[i].module >= (int32_t)r->nmodules)
			r->frames[i].module = -1;
	for (uint32_t i = 0; i < r->nmodules; i++) {
		end(r->modules[i].path, sizeof r->modules[i].path);
		end(r->modules[i].file, sizeof r->modules[i].file);
	}
	for (uint32_t i = 0; i < r->nplugins; i++)
		end_plugin(&r->plugins[i]);
}

bool crash_record_check(struct crash_record *r, size_t len)
{
	if (len != sizeof *r || r->size != sizeof *r || r->nframes > CRASH_FRAMES ||
	    r->nmodules > CRASH_MODULES || r->nplugins > CRASH_PLUGINS)
		return false;
	end(r->id, sizeof r->id);
	for (const char *p = r->id; *p; p++) /* a file is named so */
		if (!(*p >= '0' && *p <= '9') && !(*p >= 'a' && *p <= 'f'))
			return false;
	end_plugin(&r->plugin);
	end(r->climber, sizeof r->climber);
	end(r->step, sizeof r->step);
	end(r->says, sizeof r->says);
	end(r->method, sizeof r->method);
	end(r->target, sizeof r->target);
	end(r->route, sizeof r->route);
	check_lists(r);
	return true;
}

bool crash_at_null(const struct crash_record *r)
{
	return r->signal == SIGSEGV && r->code != SI_KERNEL && r->address < NULL_PAGE;
}

const char *crash_signal_name(int signal)
{
	switch (signal) {
	case SIGSEGV:
		return "SIGSEGV";
	case SIGBUS:
		return "SIGBUS";
	case SIGFPE:
		return "SIGFPE";
	case SIGILL:
		return "SIGILL";
	case SIGABRT:
		return "SIGABRT";
	default:
		return "a signal";
	}
}
