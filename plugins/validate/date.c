#include "date.h"

#include <string.h>
#include <strings.h>

enum { YEAR_MAX = 9999, COUNT_MAX = 1000000 };

const char *const month_names[12] = {"January",	  "February", "March",	  "April",
				     "May",	  "June",     "July",	  "August",
				     "September", "October",  "November", "December"};
const char *const day_names[7] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
				  "Thursday", "Friday", "Saturday"};

/* --- the calendar ----------------------------------------------------------------- */

static bool is_leap(int64_t y)
{
	return y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
}

bool date_exists(int64_t y, int64_t m, int64_t d)
{
	static const char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return y >= 1 && y <= YEAR_MAX && m >= 1 && m <= 12 && d >= 1 &&
	       d <= days[m - 1] + (m == 2 && is_leap(y));
}

/* Years begin in March here, so that a leap day is the last of its year. */
int64_t days_of(int64_t y, int64_t m, int64_t d)
{
	y -= m <= 2;
	int64_t era = (y >= 0 ? y : y - 399) / 400, of_era = y - era * 400;
	int64_t of_year = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

void date_of(int64_t days, int64_t *y, int64_t *m, int64_t *d)
{
	days += 719468;
	int64_t era = (days >= 0 ? days : days - 146096) / 146097,
		n = days - era * 146097;
	int64_t of_era = (n - n / 1460 + n / 36524 - n / 146096) / 365;
	int64_t of_year = n - (365 * of_era + of_era / 4 - of_era / 100);
	int64_t month = (5 * of_year + 2) / 153;

	*d = of_year - (153 * month + 2) / 5 + 1;
	*m = month + (month < 10 ? 3 : -9);
	*y = of_era + era * 400 + (*m <= 2);
}

/* --- pieces of a text ------------------------------------------------------------- */

static bool is_digit(char ch)
{
	return ch >= '0' && ch <= '9';
}

bool read_digits(const char **s, size_t min, size_t max, int64_t *out)
{
	size_t n = 0;

	for (*out = 0; n < max && is_digit((*s)[n]); n++)
		*out = *out * 10 + ((*s)[n] - '0');
	*s += n;
	return n >= min;
}

bool read_name(const char **s, const char *const *names, size_t n, size_t letters,
	       int64_t *out)
{
	for (size_t i = 0; i < n; i++) {
		size_t len = letters ? letters : strlen(names[i]);
		if (strncasecmp(*s, names[i], len) != 0)
			continue;
		*s += len;
		*out = (int64_t)i;
		return true;
	}
	return false;
}

bool read_offset(const char **s, bool colon, int64_t *minutes)
{
	int64_t h, m, sign = **s == '-' ? -1 : 1;

	if (**s != '+' && **s != '-')
		return false;
	++*s;
	if (!read_digits(s, 2, 2, &h) || (colon && *(*s)++ != ':') ||
	    !read_digits(s, 2, 2, &m) || h > 23 || m > 59)
		return false;
	*minutes = sign * (h * 60 + m);
	return true;
}

static const char *skip_space(const char *s)
{
	return s + strspn(s, " \t\n\r\v\f");
}

/* --- a date by itself ------------------------------------------------------------- */

struct parts {
	int64_t y, m, d;
	int64_t ms; /* of the day */
};

static bool iso_date(const char **s, struct parts *p)
{
	char sign;

	if (!read_digits(s, 4, 4, &p->y))
		return false;
	sign = *(*s)++;
	return (sign == '-' || sign == '/') && read_digits(s, 1, 2, &p->m) &&
	       *(*s)++ == sign && read_digits(s, 1, 2, &p->d);
}

/* "Thu, 29 Feb 2024", "29 February 2024" */
static bool mail_date(const char **s, struct parts *p)
{
	int64_t weekday = 0;
	const char *t = *s;
	bool named = read_name(&t, day_names, 7, 3, &weekday);

	if (named) {
		if (*t++ != ',')
			return false;
		t = skip_space(t);
	}
	if (!read_digits(&t, 1, 2, &p->d) || *t++ != ' ')
		return false;
	if (!read_name(&t, month_names, 12, 0, &p->m) &&
	    !read_name(&t, month_names, 12, 3, &p->m))
		return false;
	p->m++;
	if (*t++ != ' ' || !read_digits(&t, 4, 4, &p->y))
		return false;
	*s = t;
	return !named || (days_of(p->y, p->m, p->d) + 4 + 7 * 146097) % 7 == weekday;
}

/* ".5" and ".500123" are half a second. */
static bool fraction(const char **s, int64_t *ms)
{
	int64_t digit, unit = 100;

	*ms = 0;
	if (**s != '.')
		return true;
	++*s;
	if (!is_digit(**s))
		return false;
	for (; read_digits(s, 1, 1, &digit); unit /= 10)
		*ms += digit * unit;
	return true;
}

static bool time_of_day(const char **s, struct parts *p)
{
	int64_t h, m, sec = 0, ms = 0;

	if (!read_digits(s, 2, 2, &h) || *(*s)++ != ':' || !read_digits(s, 2, 2, &m))
		return false;
	if (**s == ':') {
		++*s;
		if (!read_digits(s, 2, 2, &sec) || !fraction(s, &ms))
			return false;
	}
	p->ms = ((h * 60 + m) * 60 + sec) * 1000 + ms;
	return h <= 23 && m <= 59 && sec <= 59;
}

static bool zone(const char **s, struct parts *p)
{
	static const char *const utc[] = {"Z", "UTC", "GMT"};
	int64_t minutes = 0, which;
	const char *t = skip_space(*s), *u = t;

	if (!read_name(&t, utc, 3, 0, &which) && !read_offset(&t, true, &minutes)) {
		t = u;
		if (!read_offset(&t, false, &minutes))
			return !*u; /* none at all */
	}
	*s = t;
	p->ms -= minutes * 60000;
	return true;
}

bool date_read(const char *s, int64_t *ms)
{
	struct parts p = {.ms = 0};

	s = skip_space(s);
	if (!(is_digit(s[0]) && strspn(s, "0123456789") == 4 ? iso_date(&s, &p)
							     : mail_date(&s, &p)))
		return false;
	if (!date_exists(p.y, p.m, p.d))
		return false;
	bool t = *s == 'T' || *s == 't';
	if (t || (*s == ' ' && is_digit(*skip_space(s)))) {
		s = skip_space(s + t);
		if (!time_of_day(&s, &p) || !zone(&s, &p))
			return false;
	}
	*ms = days_of(p.y, p.m, p.d) * DAY_MS + p.ms;
	return !*skip_space(s);
}

/* --- moments of rules ------------------------------------------------------------- */

/* Words with a length in milliseconds, in days or in months. */
static bool add_units(struct when *w, const char **s, int64_t n)
{
	static const char *const words[] = {
		"seconds",    "second",	   "secs",   "sec",   "minutes", "minute", "mins",
		"min",	      "hours",	   "hour",   "days",  "day",	 "weeks",  "week",
		"fortnights", "fortnight", "months", "month", "years",	 "year"};
	static const struct {
		int32_t ms, days, months;
	} units[] = {{1000, 0, 0},    {1000, 0, 0},    {1000, 0, 0},  {1000, 0, 0},
		     {60000, 0, 0},   {60000, 0, 0},   {60000, 0, 0}, {60000, 0, 0},
		     {3600000, 0, 0}, {3600000, 0, 0}, {0, 1, 0},     {0, 1, 0},
		     {0, 7, 0},	      {0, 7, 0},       {0, 14, 0},    {0, 14, 0},
		     {0, 0, 1},	      {0, 0, 1},       {0, 0, 12},    {0, 0, 12}};
	int64_t i;

	if (!read_name(s, words, sizeof words / sizeof *words, 0, &i))
		return false;
	w->more_ms += n * units[i].ms;
	w->days += (int32_t)(n * units[i].days);
	w->months += (int32_t)(n * units[i].months);
	return w->days > -4 * COUNT_MAX && w->days < 4 * COUNT_MAX &&
	       w->months > -12 * YEAR_MAX && w->months < 12 * YEAR_MAX;
}

/* "+3 days -2 hours" */
static bool read_sums(struct when *w, const char *s)
{
	int64_t n;

	for (s = skip_space(s); *s; s = skip_space(s)) {
		int64_t sign = *s == '-' ? -1 : 1;
		if (*s != '+' && *s != '-')
			return false;
		s = skip_space(s + 1);
		if (!read_digits(&s, 1, 7, &n) || n > COUNT_MAX)
			return false;
		s = skip_space(s);
		if (!add_units(w, &s, sign * n))
			return false;
	}
	return true;
}

bool when_parse(const char *s, struct when *out)
{
	static const char *const words[] = {"now", "today", "tomorrow", "yesterday"};
	int64_t i = 0;

	*out = (struct when){.base = WHEN_FIXED};
	if (date_read(s, &out->ms))
		return true;
	s = skip_space(s);
	bool word = read_name(&s, words, 4, 0, &i);
	out->base = i ? WHEN_TODAY : WHEN_NOW;
	out->days = i == 2 ? 1 : i == 3 ? -1 : 0;
	/* Nothing is no date, and "nowhere" is a field. */
	return (word ? !*s || *s == ' ' || *s == '+' || *s == '-' : *s != '\0') &&
	       read_sums(out, s);
}

int64_t when_ms(const struct when *w, int64_t now_ms)
{
	int64_t base = w->base == WHEN_FIXED ? w->ms : now_ms, y, m, d;
	int64_t day = (base >= 0 ? base : base - (DAY_MS - 1)) / DAY_MS;
	int64_t rest = w->base == WHEN_TODAY ? 0 : base - day * DAY_MS;

	date_of(day, &y, &m, &d);
	/* A 31st of February is the 2nd or 3rd of March, as PHP has it. */
	m += w->months - 1;
	int64_t years = (m >= 0 ? m : m - 11) / 12;
	return (days_of(y + years, m - years * 12 + 1, d) + w->days) * DAY_MS + rest +
	       w->more_ms;
}
