#include "app/where.h"

#include "base/sigstack.h"

_Thread_local struct where where;

void where_prepare(void)
{
	where.ready = true;
	sigstack_give();
}

void where_mask(sigset_t *out)
{
	static const int own[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

	sigfillset(out);
	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		sigdelset(out, own[i]);
}

struct where_step where_climb(const struct owner *owner, const char *step)
{
	struct where_step was = {where.owner, where.step};

	where.owner = owner;
	where.step = step;
	return was;
}

void where_climbed(struct where_step was)
{
	where.owner = was.owner;
	where.step = was.step;
}
