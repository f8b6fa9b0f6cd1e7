#include "server/crashes.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "app/scope.h"
#include "base/arena.h"
#include "cruet/log.h"
#include "server/clock.h"
#include "server/crash.h"
#include "server/crash_facts.h"
#include "server/crash_lines.h"
#include "server/desk.h"
#include "server/story.h"

enum { LINES_MS = 10000 }; /* that these may take */

struct crash_case {
	struct crash_case *next;
	unsigned worker;
	pid_t pid;
	struct crash_record record;
	int modules[CRASH_MODULES];
	struct desk *desk;    /* where somebody waits for a page; NULL: nobody does */
	struct dossier facts; /* malloc'ed */
	bool ended;           /* the worker has */
	enum { WAITS, READS, KNOWS } lines_are;
	int64_t until; /* while they are read */
	struct crash_lines lines;
};

static struct crash_case *find(const struct crashes *c, pid_t pid)
{
	struct crash_case *one = c->all;

	while (one && (one->pid != pid || one->ended))
		one = one->next;
	return one;
}

static void read_lines(struct crash_case *one, bool live)
{
	one->lines_are = READS;
	one->until = clock_ms() + LINES_MS;
	crash_lines_start(&one->lines, &one->record, one->modules, live);
}

static struct crash_case *add(struct crashes *c, unsigned worker, pid_t pid,
			      const struct crash_record *r)
{
	struct crash_case *one = calloc(1, sizeof *one);

	if (!one)
		return NULL;
	*one = (struct crash_case){.next = c->all,
				   .worker = worker,
				   .pid = pid,
				   .record = *r,
				   .lines = {.fd = -1}};
	crash_modules_open(&one->record, one->modules);
	c->all = one;
	return one;
}

const struct crash_record *crashes_heard(struct crashes *c, unsigned worker, pid_t pid,
					 const char *packet, size_t len, struct desk *desk)
{
	struct crash_record r;

	if (len != sizeof r)
		return NULL;
	memcpy(&r, packet, sizeof r);
	if (!crash_record_check(&r, len))
		return NULL;
	r.pid = pid;
	struct crash_case *one = find(c, pid);
	if (one) {
		one->record.lost = r.lost;
		one->record.answered = r.answered;
		one->record.spoken = r.spoken;
		return &one->record;
	}
	one = add(c, worker, pid, &r);
	if (!one)
		return NULL;
	desk_facts(desk, &one->facts);
	if (desk && c->root->host->debug) {
		one->desk = desk;
		read_lines(one, true);
	}
	return &one->record;
}

bool crashes_ended(struct crashes *c, pid_t pid)
{
	struct crash_case *one = find(c, pid);

	if (!one)
		return false;
	one->ended = true;
	one->desk = NULL;
	if (one->lines_are == WAITS)
		read_lines(one, false);
	return true;
}

/* --- pages ------------------------------------------------------------------------------ */

/* For the client, who waits, and with it the thread that has crashed. */
static void answer(const struct crashes *c, const struct crash_case *one)
{
	struct story s = {.root = c->root,
				.record = &one->record,
				.lines = one->lines.text ? one->lines.lines : NULL,
				.facts = one->facts,
				.status = 500};
	struct story_reply reply;
	struct arena a;

	arena_init(&a, 65536);
	story_reply(&a, &s, &reply);
	if (!desk_fits(reply.head_len, reply.len)) {
		s.brief = true;
		story_reply(&a, &s, &reply);
	}
	if (!desk_fits(reply.head_len, reply.len))
		cruet_log(c->root, CRUET_WARN,
			  "the page about crash %s has %zu bytes, more than the %d that a page may have: "
			  "it is not shown; cruet crashes show %s shows the report",
			  one->record.id, reply.len, DESK_REPLY, one->record.id);
	desk_answer(one->desk, reply.head, reply.head_len, reply.body, reply.len);
	arena_fini(&a);
}

/* --- reports ---------------------------------------------------------------------------- */

static void report(const struct crashes *c, const struct crash_case *one)
{
	char name[CRASH_REPORT_NAME], sentence[CRASH_SENTENCE];
	const char *folder = c->root->host->settings.crashes;
	const struct crash_line *lines = one->lines.text ? one->lines.lines : NULL;
	struct arena a;

	arena_init(&a, 65536);
	const char *more = one->facts.p ? crash_facts(&a, c->root, &one->facts) : NULL;
	int err = crash_report_write(AT_FDCWD, folder, &one->record, lines, more, name);
	arena_fini(&a);
	crash_sentence(sentence, &one->record, lines, err ? folder : name, err);
	if (one->worker == CRASHES_ALONE)
		cruet_log(c->root, CRUET_ERROR, "%s", sentence);
	else
		cruet_log(c->root, CRUET_ERROR, "worker %u (process %d): %s", one->worker + 1,
			  (int)one->pid, sentence);
	if (!err)
		crash_reports_prune(AT_FDCWD, folder, CRASH_KEPT);
}

static void close_case(struct crashes *c, struct crash_case **at)
{
	struct crash_case *one = *at;

	report(c, one);
	*at = one->next;
	crash_lines_fini(&one->lines);
	crash_modules_close(one->modules);
	free(one->facts.p);
	free(one);
}

/* Lines, once they are there, or will not be. */
static void look_at(const struct crashes *c, struct crash_case *one)
{
	if (one->lines_are != READS || (one->lines.fd >= 0 && !crash_lines_read(&one->lines) &&
					clock_ms() < one->until))
		return;
	crash_lines_end(&one->lines, &one->record);
	one->lines_are = KNOWS;
	if (one->desk)
		answer(c, one);
}

void crashes_look(struct crashes *c)
{
	for (struct crash_case **at = &c->all; *at;) {
		look_at(c, *at);
		if ((*at)->ended && (*at)->lines_are == KNOWS)
			close_case(c, at);
		else
			at = &(*at)->next;
	}
}

size_t crashes_watch(const struct crashes *c, struct pollfd p[CRASHES_MAX])
{
	size_t n = 0;

	for (const struct crash_case *one = c->all; one && n < CRASHES_MAX; one = one->next)
		if (one->lines_are == READS && one->lines.fd >= 0)
			p[n++] = (struct pollfd){.fd = one->lines.fd, .events = POLLIN};
	return n;
}

int crashes_wait(const struct crashes *c)
{
	int64_t ms = -1, now = clock_ms();

	for (const struct crash_case *one = c->all; one; one = one->next) {
		bool reads = one->lines_are == READS, done = one->lines_are == KNOWS && one->ended;
		int64_t left = done || (reads && one->lines.fd < 0) ? 0 : one->until - now;
		if ((reads || done) && (ms < 0 || left < ms))
			ms = left < 0 ? 0 : left;
	}
	return (int)ms;
}
