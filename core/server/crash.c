#include "server/crash_priv.h"

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "app/ctx.h"
#include "app/where.h"
#include "base/sigstack.h"
#include "server/clerk.h"
#include "server/crash_report.h"
#include "server/desk.h"
#include "server/handed.h"

enum { PAGE_MS = 12000 }; /* that a page about it may take */

static const int signals[CRASH_SIGNALS] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

/* A signal handler has no argument of ours. */
static _Atomic(struct crash *) armed;

/* --- trying ----------------------------------------------------------------------------- */

typedef void part(struct crash *c, const struct crash_scene *s);

/* A fault in this leaves it at that. */
static void try(part *fn, struct crash *c, const struct crash_scene *s)
{
	sigjmp_buf out;

	if (!sigsetjmp(out, 0)) {
		where.escape = &out;
		fn(c, s);
	}
	where.escape = NULL;
}

static void look_at_request(struct crash *c, const struct crash_scene *s)
{
	(void)s;
	scene_request(c);
}

static void look_at_plugins(struct crash *c, const struct crash_scene *s)
{
	(void)s;
	scene_plugins(c);
}

static void look_for_blame(struct crash *c, const struct crash_scene *s)
{
	(void)s;
	scene_blame(c);
}

/* --- facts ------------------------------------------------------------------------------ */

static void look_at_options(struct crash *c, const struct crash_scene *s)
{
	(void)s;
	scene_options(c);
}

static void look_at_head(struct crash *c, const struct crash_scene *s)
{
	(void)s;
	scene_facts(c, dossier_request);
	scene_facts(c, dossier_head);
}

static void look_at_body(struct crash *c, const struct crash_scene *s)
{
	(void)s;
	scene_facts(c, dossier_body);
}

static void look_at_session(struct crash *c, const struct crash_scene *s)
{
	(void)s;
	scene_facts(c, dossier_session);
}

static void look_at_sql(struct crash *c, const struct crash_scene *s)
{
	(void)s;
	scene_facts(c, dossier_sql);
}

static void look_at_log(struct crash *c, const struct crash_scene *s)
{
	(void)s;
	scene_log(c);
}

/* --- replies ---------------------------------------------------------------------------- */

/* What another process made of it, to the client of this thread's request. */
static int send_page(const struct crash *c, cruet_exchange *x, bool bare)
{
	const struct desk *d = c->desk;
	return x->ops->last_words(x, d->reply, bare ? d->nhead : d->nreply);
}

/* To that client; what the transport says of it. */
static int last_words(const struct crash *c, bool page)
{
	cruet_exchange *x = where.ctx ? where.ctx->x : NULL;
	char all[sizeof c->head + sizeof c->body];

	if (!x || !CRUET_HAS(x->ops, cruet_exchange_ops, last_words))
		return CRUET_EIO;
	bool bare = where.ctx->head && !strcmp(where.ctx->head->method, "HEAD");
	if (page)
		return send_page(c, x, bare);
	memcpy(all, c->head, c->head_len);
	memcpy(all + c->head_len, c->body, c->body_len);
	return x->ops->last_words(x, all, c->head_len + (bare ? 0 : c->body_len));
}

static void said(struct crash *c, int err)
{
	c->record.answered = !err;
	c->record.spoken = err == CRUET_ESTATE;
}

static void answer(struct crash *c, const struct crash_scene *s)
{
	(void)s;
	said(c, last_words(c, false));
}

static void answer_by_page(struct crash *c, const struct crash_scene *s)
{
	(void)s;
	said(c, last_words(c, true));
}

static void answer_too(struct crash *c, const struct crash_scene *s)
{
	(void)s;
	last_words(c, false);
}

/* How much is worth a moment: requests, and connections but those of threads that have
 * crashed. */
static size_t busy(const struct crash *c)
{
	size_t requests = ctx_in_flight(c->root->host->pool, where.ctx);
	size_t own = 1 + atomic_load(&c->others);
	size_t open = CRUET_HAS(c->vt, cruet_transport, abandon) ? c->vt->abandon(c->server) : 0;

	return requests + (open > own ? open - own : 0);
}

static void refuse_new(struct crash *c, const struct crash_scene *s)
{
	(void)s;
	busy(c);
}

static void wait_for_others(struct crash *c, const struct crash_scene *s)
{
	const struct timespec ms = {0, 1000000};

	(void)s;
	for (unsigned i = 0; busy(c) && i < CRASH_GRACE_MS; i++)
		nanosleep(&ms, NULL);
	unsigned left = ctx_in_flight(c->root->host->pool, where.ctx);
	unsigned others = atomic_load(&c->others); /* they have had a reply of their own */
	c->record.lost = left > others ? left - others : 0;
}

/* --- the end ---------------------------------------------------------------------------- */

static void tell_parent(struct crash *c, enum packet kind)
{
	const struct timespec ms = {0, 1000000};
	char first = (char)kind;
	struct iovec parts[] = {{&first, 1}, {&c->record, sizeof c->record}};
	struct msghdr m = {.msg_iov = parts, .msg_iovlen = 2};

	for (unsigned i = 0; i < CRASH_GRACE_MS; i++) {
		if (sendmsg(c->channel, &m, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0 || errno != EAGAIN)
			return;
		nanosleep(&ms, NULL);
	}
}

/* As the log would have it, which may take a lock that this thread holds. */
static void say(const char *sentence)
{
	char line[CRASH_SENTENCE + 16] = "cruet: ";
	size_t n = strlen(line), more = strlen(sentence);

	memcpy(line + n, sentence, more);
	line[n + more] = '\n';
	ssize_t done = write(STDERR_FILENO, line, n + more + 1);
	(void)done; /* where could one complain */
}

static void write_report(struct crash *c, const struct crash_scene *s)
{
	char name[CRASH_REPORT_NAME], sentence[CRASH_SENTENCE];
	int err = crash_report_write(c->folder, c->reports, &c->record, NULL, NULL, name);

	(void)s;
	crash_sentence(sentence, &c->record, NULL, err ? c->reports : name, err);
	say(sentence);
}

/* What was done again has the usual effect; what was sent is sent again. */
static void usual(int signal, const siginfo_t *info)
{
	struct sigaction def = {.sa_handler = SIG_DFL};

	sigaction(signal, &def, NULL);
	if (info->si_code <= 0)
		raise(signal);
}

/* Each of them may meet what is damaged. */
static void look_for_facts(struct crash *c, const struct crash_scene *s)
{
	static part *const parts[] = {look_at_options, look_at_head, look_at_body, look_at_session,
				      look_at_sql,     look_at_log};

	if (!c->desk)
		return;
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		try(parts[i], c, s);
}

static void look(struct crash *c, const struct crash_scene *s)
{
	scene_basics(c, s);
	try(look_at_request, c, s);
	try(look_at_plugins, c, s);
	try(scene_frames, c, s);
	try(look_for_blame, c, s);
	look_for_facts(c, s);
}

/* A thread that crashes while another one looks at a crash of its own. */
_Noreturn static void follow(struct crash *c, const struct crash_scene *s)
{
	atomic_fetch_add(&c->others, 1);
	try(answer_too, c, s);
	for (;;)
		pause();
}

/* Somebody else looks at this process as it stands, and makes a page of what is there: the
 * thread waits for it, here. */
static void show(struct crash *c, const struct crash_scene *s)
{
	prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
	tell_parent(c, PACKET_CRASH);
	if (c->vt)
		try(refuse_new, c, s);
	try(desk_wait(c->desk, PAGE_MS) ? answer_by_page : answer, c, s);
}

static void tell(struct crash *c, const struct crash_scene *s)
{
	try(answer, c, s);
	if (c->vt)
		try(refuse_new, c, s);
	if (c->channel >= 0)
		tell_parent(c, PACKET_CRASH);
}

static void end(struct crash *c, const struct crash_scene *s)
{
	look(c, s);
	if (c->desk && c->debug && *c->record.method)
		show(c, s);
	else
		tell(c, s);
	if (c->vt)
		try(wait_for_others, c, s);
	if (c->channel >= 0)
		tell_parent(c, PACKET_LOST);
	if (c->has_parent)
		_exit(CRASH_EXIT);
	if (c->channel < 0)
		try(write_report, c, s);
	usual(s->signal, s->info);
}

static bool sent_by_another(const siginfo_t *info)
{
	return info->si_code <= 0 && info->si_pid != getpid();
}

/* The watch found that this thread hangs, at the moment when it crashed by itself. */
static bool is_late(const struct crash *c, const siginfo_t *info)
{
	return c && info->si_code == CRASH_HANG_CODE && info->si_pid == c->pid &&
	       atomic_load(&c->crashed) == gettid();
}

static void on_signal(int signal, siginfo_t *info, void *context)
{
	struct crash *c = atomic_load(&armed);
	struct crash_scene s = {signal, info, context};
	int32_t none = 0;

	if (is_late(c, info))
		return;
	if (where.escape)
		siglongjmp(*where.escape, 1);
	/* a process that this one has forked is not it */
	if (!c || c->pid != getpid() || sent_by_another(info))
		usual(signal, info);
	else if (atomic_compare_exchange_strong(&c->crashed, &none, gettid()))
		end(c, &s);
	else
		follow(c, &s);
}

/* --- arming ----------------------------------------------------------------------------- */

static bool make_id(char id[CRASH_ID + 1])
{
	uint32_t n;

	if (getrandom(&n, sizeof n, 0) != sizeof n)
		return false;
	snprintf(id, CRASH_ID + 1, "%08x", n);
	return true;
}

static void prepare_reply(struct crash *c)
{
	c->body_len = (size_t)snprintf(
		c->body, sizeof c->body,
		"500 Internal Server Error\n"
		"The server met an unexpected error and could not complete the request. It is "
		"noted as crash %s.\n",
		c->record.id);
	c->head_len = (size_t)snprintf(c->head, sizeof c->head,
				       "HTTP/1.1 500 Internal Server Error\r\n"
				       "Content-Type: text/plain; charset=utf-8\r\n"
				       "Content-Length: %zu\r\n"
				       "X-Content-Type-Options: nosniff\r\n"
				       "Cache-Control: no-store\r\n"
				       "Connection: close\r\n\r\n",
				       c->body_len);
}

static bool prepare(struct crash *c, const char *folder)
{
	ssize_t n = readlink("/proc/self/exe", c->program, sizeof c->program - 1);

	c->program[n > 0 ? n : 0] = '\0';
	c->record.size = sizeof c->record;
	c->folder = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	c->abort_message = dlvsym(RTLD_DEFAULT, "__abort_msg", "GLIBC_PRIVATE");
	prepare_reply(c);
	return c->folder >= 0;
}

/* The first call of backtrace() loads a library, which none of the later ones does. */
static void load_unwinder(void)
{
	void *frame;
	backtrace(&frame, 1);
}

static void take_signals(struct crash *c)
{
	struct sigaction ours = {.sa_sigaction = on_signal,
				 .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};

	sigemptyset(&ours.sa_mask);
	for (int i = 0; i < CRASH_SIGNALS; i++) {
		sigaction(signals[i], NULL, &c->before[i]);
		c->taken[i] = c->before[i].sa_handler == SIG_DFL &&
			      !sigaction(signals[i], &ours, NULL);
	}
}

static bool somebody_else_has_them(void)
{
	struct sigaction now;

	return sigaction(SIGSEGV, NULL, &now) || now.sa_handler != SIG_DFL;
}

/* Without one there is less to be told, and no more than that. */
static void share_desk(struct crash *c)
{
	int fd = -1;

	if (c->channel < 0)
		return;
	c->desk = desk_make(&fd);
	if (c->desk && !handed_send_desk(c->channel, fd)) {
		desk_close(c->desk);
		c->desk = NULL;
	}
	if (fd >= 0)
		close(fd);
}

struct crash *crash_arm(cruet_app *root, const struct handed *handed, const char *folder)
{
	const char *reports = root->host->settings.crashes;
	struct crash *c = *reports && !somebody_else_has_them() ? calloc(1, sizeof *c) : NULL;

	if (!c)
		return NULL;
	*c = (struct crash){.root = root,
			    .pid = getpid(),
			    .channel = handed->is_worker ? handed->channel : -1,
			    .has_parent = handed->is_worker,
			    .debug = root->host->debug,
			    .folder = -1,
			    .reports = reports};
	if (!make_id(c->record.id) || !prepare(c, folder)) {
		free(c);
		return NULL;
	}
	if (c->channel < 0)
		crash_reports_prune(c->folder, reports, CRASH_KEPT);
	if (c->channel < 0 && c->debug)
		c->clerk = clerk_start(root, folder, &c->channel);
	share_desk(c);
	if (!root->host->log.recent)
		root->host->log.recent =
			arena_zalloc(&root->arena, sizeof *root->host->log.recent);
	load_unwinder();
	sigstack_want(true);
	sigstack_give();
	atomic_store(&armed, c);
	take_signals(c);
	return c;
}

void crash_serves(struct crash *c, const char *transport, const cruet_transport *vt, void *server)
{
	if (!c)
		return;
	crash_watch_end(c->watch);
	c->watch = NULL;
	c->vt = NULL;
	c->server = server;
	snprintf(c->transport, sizeof c->transport, "%s", vt ? transport : "");
	c->vt = vt;
	if (vt && c->debug)
		c->watch = crash_watch_start(c, (uint32_t)c->root->host->settings.debug_limit);
}

void crash_hangs(struct crash *c, int32_t thread, uint32_t ms)
{
	int32_t none = 0;

	/* a thread that has crashed stands in its request until that is answered */
	if (atomic_load(&c->crashed) || !atomic_compare_exchange_strong(&c->hangs, &none, thread))
		return;
	c->hangs_ms = ms;
	siginfo_t info = {.si_code = CRASH_HANG_CODE};
	info.si_pid = c->pid;
	info.si_uid = getuid();
	syscall(SYS_rt_tgsigqueueinfo, c->pid, thread, SIGABRT, &info);
}

void crash_disarm(struct crash *c)
{
	if (!c)
		return;
	for (int i = 0; i < CRASH_SIGNALS; i++)
		if (c->taken[i])
			sigaction(signals[i], &c->before[i], NULL);
	sigstack_want(false);
	atomic_store(&armed, NULL);
	clerk_end(c->clerk, c->channel);
	close(c->folder);
	desk_close(c->desk);
	free(c);
}
