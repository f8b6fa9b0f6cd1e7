/* The timers, against a list of times that is looked through from end to end. */
#include <string.h>
#include "suite.h"
#include "wheel.h"

enum { TURN_MS = WHEEL_SLOTS * WHEEL_TICK_MS, ENTRIES = 200 };

static uint64_t seed = 88172645463325252u;

static int64_t random_below(int64_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (int64_t)(seed % (uint64_t)n);
}

struct model {
	struct wheel w;
	struct wheel_entry e[ENTRIES];
	int64_t at[ENTRIES];    /* -1: it is not in */
	int64_t since[ENTRIES]; /* when it was put in */
	int64_t now;
	unsigned in;
};

static struct model *model_new(int64_t now)
{
	struct model *m = calloc(1, sizeof *m);

	memset(m->at, -1, sizeof m->at);
	m->now = now;
	wheel_init(&m->w, now);
	return m;
}

static void set(struct model *m, unsigned i, int64_t at)
{
	m->in += m->at[i] < 0;
	m->at[i] = at;
	m->since[i] = m->now;
	wheel_set(&m->w, &m->e[i], at);
}

static void del(struct model *m, unsigned i)
{
	m->in -= m->at[i] >= 0;
	m->at[i] = -1;
	wheel_del(&m->w, &m->e[i]);
}

/* All that is due comes, two ticks late at most, and nothing before its time. */
static void look(struct model *m)
{
	struct wheel_entry *e;

	while ((e = wheel_due(&m->w, m->now))) {
		unsigned i = (unsigned)(e - m->e);
		ck_assert_msg(m->at[i] >= 0 && m->at[i] <= m->now, "%lld at %lld",
			      (long long)m->at[i], (long long)m->now);
		ck_assert_ptr_null(e->link);
		m->at[i] = -1;
		m->in--;
	}
	ck_assert_uint_eq(m->w.entries, m->in);
	int64_t late = m->now - 2 * WHEEL_TICK_MS;
	for (unsigned i = 0; i < ENTRIES; i++) /* an assertion each would take seconds */
		if (m->at[i] >= 0 && m->at[i] <= late && m->since[i] <= late)
			ck_abort_msg("%lld did not come by %lld", (long long)m->at[i],
				     (long long)m->now);
}

static int64_t next(const struct model *m)
{
	int64_t least = INT64_MAX;

	for (unsigned i = 0; i < ENTRIES; i++)
		if (m->at[i] >= 0 && m->at[i] < least)
			least = m->at[i];
	return least;
}

/* Nobody sleeps past what is due, by more than the tick in which it comes up. */
static void check_wait(struct model *m)
{
	int ms = wheel_wait(&m->w, m->now);

	if (!m->in) {
		ck_assert_int_eq(ms, -1);
		return;
	}
	int64_t due = next(m);
	due = due > m->now ? due : m->now;
	ck_assert_int_ge(ms, 0);
	ck_assert_msg(m->now + ms <= due + WHEEL_TICK_MS,
		      "sleeps until %lld, due is %lld", (long long)m->now + ms,
		      (long long)due);
}

static int64_t some_time(const struct model *m)
{
	switch (random_below(6)) {
	case 0:
		return m->now + random_below(10); /* at once */
	case 1:
		return m->now > 500 ? m->now - random_below(500)
				    : m->now; /* it is late */
	case 2:
		return m->now + random_below(5 * TURN_MS); /* in a later turn */
	case 3:
		return m->now + TURN_MS - WHEEL_TICK_MS + random_below(3 * WHEEL_TICK_MS);
	default:
		return m->now + random_below(TURN_MS);
	}
}

static void do_something(struct model *m)
{
	unsigned i = (unsigned)random_below(ENTRIES);

	switch (random_below(8)) {
	case 0:
	case 1:
		del(m, i);
		break;
	case 2:
		look(m);
		check_wait(m);
		break;
	default:
		set(m, i, some_time(m));
		check_wait(m);
	}
}

START_TEST(it_does_what_a_list_of_times_does)
{
	static const int64_t steps[] = {1, 20, WHEEL_TICK_MS, 500, TURN_MS, 3 * TURN_MS};

	for (unsigned round = 0; round < 6; round++) {
		struct model *m = model_new(random_below(INT64_C(1) << 40));
		for (unsigned n = 0; n < 20000; n++) {
			do_something(m);
			if (random_below(4))
				continue;
			m->now += random_below(steps[round]) + 1;
			look(m);
			check_wait(m);
		}
		free(m);
	}
}
END_TEST

/* As a loop does it: sleeps as long as it is told to, and looks. */
START_TEST(who_sleeps_as_told_meets_every_entry)
{
	struct model *m = model_new(12345);
	unsigned naps = 0;

	for (unsigned i = 0; i < ENTRIES; i++)
		set(m, i, m->now + random_below(4 * TURN_MS));
	for (int ms; (ms = wheel_wait(&m->w, m->now)) >= 0; naps++) {
		ck_assert_msg(naps < 4 * WHEEL_SLOTS + 100, "it turns without an end");
		m->now += ms;
		look(m);
	}
	ck_assert_uint_eq(m->in, 0);
	free(m);
}
END_TEST

START_TEST(an_entry_stands_in_it_once)
{
	struct model *m = model_new(0);

	for (unsigned n = 0; n < 1000; n++)
		set(m, 0, 1000 + n);
	ck_assert_uint_eq(m->w.entries, 1);
	m->now = 1900;
	look(m);
	ck_assert_uint_eq(m->in, 1);
	m->now = 2100;
	look(m);
	ck_assert_uint_eq(m->in, 0);
	del(m, 0); /* harmless */
	ck_assert_int_eq(wheel_wait(&m->w, m->now), -1);
	free(m);
}
END_TEST

START_TEST(never_is_a_time_too)
{
	struct model *m = model_new(1000);

	set(m, 0, INT64_MAX);
	for (unsigned n = 0; n < 50; n++) {
		int ms = wheel_wait(&m->w, m->now);
		ck_assert_int_ge(ms, 0);
		m->now += ms;
		ck_assert_ptr_null(wheel_due(&m->w, m->now));
	}
	ck_assert_uint_eq(m->w.entries, 1);
	free(m);
}
END_TEST

/* A machine that slept for an hour wakes to all that was due. */
START_TEST(after_a_long_sleep_all_come_at_once)
{
	struct model *m = model_new(777);

	for (unsigned i = 0; i < ENTRIES; i++)
		set(m, i, m->now + 1 + random_below(3600000));
	m->now += 3600000 + WHEEL_TICK_MS;
	look(m);
	ck_assert_uint_eq(m->in, 0);
	set(m, 0, m->now + 5);
	check_wait(m);
	free(m);
}
END_TEST

SUITE("event_wheel", it_does_what_a_list_of_times_does,
      who_sleeps_as_told_meets_every_entry, an_entry_stands_in_it_once,
      never_is_a_time_too, after_a_long_sleep_all_come_at_once)
