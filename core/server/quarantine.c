#include "server/quarantine.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "server/crash_record.h"

struct suspect {
	struct suspect *next;
	char name[CRASH_NAME];
	int64_t at[QUARANTINE_CRASHES]; /* of its last crashes, in turn */
	unsigned crashes;
	bool closed;
};

static struct suspect **find(struct quarantine *q, const char *plugin)
{
	struct suspect **at = &q->all;

	while (*at && strcmp((*at)->name, plugin) != 0)
		at = &(*at)->next;
	return at;
}

static struct suspect *suspect(struct quarantine *q, const char *plugin)
{
	struct suspect **at = find(q, plugin);
	size_t n = strnlen(plugin, CRASH_NAME - 1);

	if (!*at && (*at = calloc(1, sizeof **at)))
		memcpy((*at)->name, plugin, n);
	return *at;
}

bool quarantine_note(struct quarantine *q, const char *plugin, int64_t now_ms)
{
	struct suspect *s = suspect(q, plugin);

	if (!s || s->closed)
		return false;
	s->at[s->crashes++ % QUARANTINE_CRASHES] = now_ms;
	/* what stands where the next one goes is the first of so many */
	int64_t first = s->at[s->crashes % QUARANTINE_CRASHES];
	s->closed = s->crashes >= QUARANTINE_CRASHES && now_ms - first <= QUARANTINE_MS;
	return s->closed;
}

bool quarantine_lift(struct quarantine *q, const char *plugin)
{
	struct suspect **at = find(q, plugin), *s = *at;

	if (!s)
		return false;
	*at = s->next;
	free(s);
	return true;
}

const char *quarantine_list(const struct quarantine *q, struct arena *a)
{
	struct buf b;

	buf_init(&b, a, 0);
	for (const struct suspect *s = q->all; s; s = s->next)
		if (s->closed)
			buf_printf(&b, "%s%s", b.len ? "," : "", s->name);
	return buf_err(&b) || !b.len ? NULL : b.p;
}

void quarantine_fini(struct quarantine *q)
{
	while (q->all)
		quarantine_lift(q, q->all->name);
}
