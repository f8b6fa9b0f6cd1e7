/* Whoever provides "log/1" takes the lines of the log. */
#include "elements.h"

#include <cruet/svc/log.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

extern const cruet_plugin cruet_plugin_log_socket;

struct box {
	pthread_mutex_t lock;
	char text[4096];
	bool full;	   /* takes nothing */
	cruet_app *chatty; /* logs there while it takes a line */
};

static int put(void *self, int level, const char *who, const char *line)
{
	struct box *b = self;

	if (b->full)
		return CRUET_EBUSY;
	if (b->chatty)
		cruet_log(b->chatty, CRUET_WARN, "about: %s", line);
	pthread_mutex_lock(&b->lock);
	size_t n = strlen(b->text);
	snprintf(b->text + n, sizeof b->text - n, "%d %s: %s\n", level, who, line);
	pthread_mutex_unlock(&b->lock);
	return CRUET_OK;
}

static const cruet_log_sink sink = {.size = sizeof sink, .put = put};
static struct box box = {.lock = PTHREAD_MUTEX_INITIALIZER},
		  other = {.lock = PTHREAD_MUTEX_INITIALIZER};

GIVER(boxed, CRUET_LOG, &sink, &box);
GIVER(other_box, CRUET_LOG, &sink, &other);

static int speaks(cruet_ctx *c)
{
	cruet_note(c, CRUET_WARN, "the cat is hungry");
	return cruet_text(c, "said");
}

static int shows_other(cruet_ctx *c)
{
	cruet_log(cruet_scope(c), CRUET_WARN, "hello");
	return cruet_text(c, other.text);
}

static cruet_app *start(const cruet_plugin *p, cruet_client **t)
{
	cruet_app *app = new_app();

	cruet_use_static(app, p, NULL);
	cruet_get(app, "/", speaks);
	*t = client_of(app);
	return app;
}

START_TEST(lines_go_there_and_nowhere_else)
{
	cruet_client *t;
	cruet_app *app = start(&cruet_plugin_boxed, &t);

	assert_get(t, "/", 200);
	cruet_log(app, CRUET_INFO, "two\nlines");
	cruet_log(app, CRUET_DEBUG, "below the level");
	ck_assert_str_eq(box.text, "2 test: [100000001] GET speaks: the cat is hungry\n"
				   "1 test: two\\x0alines\n");
	ck_assert_str_eq(logged, "");
	done(app, t);
}
END_TEST

START_TEST(what_it_does_not_take_is_not_lost)
{
	cruet_client *t;
	cruet_app *app = start(&cruet_plugin_boxed, &t);

	box.full = true;
	cruet_log(app, CRUET_WARN, "one");
	ck_assert_str_eq(logged, "test: one\n");
	box.full = false;
	cruet_log(app, CRUET_WARN, "two");
	ck_assert_str_eq(logged, "test: one\n");
	ck_assert_str_eq(box.text, "2 test: two\n");
	done(app, t);
}
END_TEST

START_TEST(it_does_not_hear_itself)
{
	cruet_client *t;
	cruet_app *app = start(&cruet_plugin_boxed, &t);

	box.chatty = app;
	cruet_log(app, CRUET_WARN, "one");
	cruet_log(app, CRUET_WARN, "two");
	ck_assert_str_eq(box.text, "2 test: one\n2 test: two\n");
	ck_assert_str_eq(logged, "test: about: one\ntest: about: two\n");
	done(app, t);
}
END_TEST

static int logs_in_start(cruet_app *app)
{
	cruet_log(app, CRUET_WARN, "starting");
	return CRUET_OK;
}
static void logs_in_stop(cruet_app *app)
{
	cruet_log(app, CRUET_WARN, "stopping");
}
static void logs_in_fini(cruet_app *app)
{
	cruet_log(app, CRUET_WARN, "gone");
}
CRUET_PLUGIN(talker, .version = "1", .summary = "says what it does",
	     .start = logs_in_start, .stop = logs_in_stop, .fini = logs_in_fini);

/* Attached before it, the talker starts first and stops last. */
START_TEST(it_is_there_from_the_first_start_to_the_last_stop)
{
	cruet_app *app = new_app();

	cruet_use_static(app, &cruet_plugin_talker, NULL);
	cruet_use_static(app, &cruet_plugin_boxed, NULL);
	cruet_log(app, CRUET_WARN, "before");
	cruet_client *t = client_of(app);
	done(app, t);
	ck_assert_str_eq(box.text, "2 talker: starting\n2 talker: stopping\n");
	ck_assert_str_eq(logged, "test: before\ntalker: gone\n");
}
END_TEST

enum { THREADS = 4, LINES = 20 };

static void *writes_lines(void *app)
{
	for (int i = 0; i < LINES; i++)
		cruet_log(app, CRUET_WARN, "x");
	return NULL;
}

START_TEST(many_threads_at_once)
{
	cruet_client *t;
	cruet_app *app = start(&cruet_plugin_boxed, &t);
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, writes_lines, app), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	ck_assert_uint_eq(strlen(box.text), THREADS * LINES * strlen("2 test: x\n"));
	ck_assert_str_eq(logged, "");
	done(app, t);
}
END_TEST

START_TEST(two_of_them_must_be_told_apart)
{
	assert_conflict(&cruet_plugin_boxed, &cruet_plugin_other_box, CRUET_LOG,
			shows_other, "2 test: hello\n");
	ck_assert_str_eq(box.text, "");
}
END_TEST

static int listen_at(const char *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
	return fd;
}

static void assert_datagram(int fd, const char *want)
{
	char got[4096];
	ssize_t n = recv(fd, got, sizeof got - 1, 0);

	ck_assert_int_gt(n, 0);
	got[n] = '\0';
	ck_assert_str_eq(got, want);
}

START_TEST(a_socket_takes_datagrams)
{
	char folder[FOLDER_MAX], path[FOLDER_MAX + 8], option[FOLDER_MAX + 16];

	ck_assert(folder_make(folder));
	snprintf(path, sizeof path, "%s/log", folder);
	snprintf(option, sizeof option, "path=%s", path);
	int fd = listen_at(path);
	cruet_app *app = new_app();
	cruet_use_static(app, &cruet_plugin_log_socket, option);
	cruet_client *t = client_of(app);
	cruet_log(app, CRUET_ERROR, "it burns");
	cruet_log(app, CRUET_INFO, "it rains");
	assert_datagram(fd, "<11>test: it burns");
	assert_datagram(fd, "<14>test: it rains");
	close(fd); /* nobody reads there any more */
	cruet_log(app, CRUET_ERROR, "and now");
	ck_assert_str_eq(logged, "test: and now\n");
	unlink(path);
	fd = listen_at(path);
	cruet_log(app, CRUET_WARN, "again");
	assert_datagram(fd, "<12>test: again");
	close(fd);
	done(app, t);
	ck_assert(folder_remove(folder));
}
END_TEST

START_TEST(a_path_that_is_none)
{
	char option[256] = "path=", sentence[512];

	memset(option + 5, 'x', 108);
	snprintf(sentence, sizeof sentence,
		 "plugin 'log_socket': option path = \"%s\": expected 1 to 107 bytes",
		 option + 5);
	assert_refused(&cruet_plugin_log_socket, option, sentence);
	assert_refused(
		&cruet_plugin_log_socket, "path=",
		"plugin 'log_socket': option path = \"\": expected 1 to 107 bytes");
}
END_TEST

SUITE("elements_log", lines_go_there_and_nowhere_else, what_it_does_not_take_is_not_lost,
      it_does_not_hear_itself, it_is_there_from_the_first_start_to_the_last_stop,
      many_threads_at_once, two_of_them_must_be_told_apart, a_socket_takes_datagrams,
      a_path_that_is_none)
