/* Dates by a format in PHP's letters. Each letter is read as it is written: 'd' is two
 * digits, 'j' has no zero in front. What two letters say of the same thing must agree. */
#include <string.h>

#include "date.h"

enum { UNKNOWN = -1 };

/* What was read; UNKNOWN: not said. */
struct parsed {
	int64_t year, month, day, day_of_year, weekday;
	int64_t hour, half_hour, minute, second, ms, offset;
	int64_t unix_time;
	bool pm, has_half, has_unix, has_offset;
};

static bool set(int64_t *field, int64_t v)
{
	bool agrees = *field == UNKNOWN || *field == v;

	*field = v;
	return agrees;
}

static bool number(const char **s, size_t min, size_t max, int64_t *field, int64_t least,
		   int64_t most)
{
	const char *start = *s;
	int64_t v;

	if (!read_digits(s, min, max, &v) || v < least || v > most)
		return false;
	/* Without a fixed width there is no zero in front. */
	return (min == max || *start != '0' || *s == start + 1) && set(field, v);
}

static bool name(const char **s, const char *const *names, size_t n, size_t letters,
		 int64_t *field, int64_t first)
{
	const char *start = *s;
	int64_t i;

	/* In the very letters: "Jan", not "JAN". */
	return read_name(s, names, n, letters, &i) &&
	       !strncmp(start, names[i], (size_t)(*s - start)) && set(field, i + first);
}

static bool year_of_two(const char **s, struct parsed *p)
{
	int64_t v;

	return read_digits(s, 2, 2, &v) && set(&p->year, v + (v < 70 ? 2000 : 1900));
}

static bool half(const char **s, struct parsed *p, const char *am, const char *pm)
{
	bool is_pm = !strncmp(*s, pm, 2);

	if (!is_pm && strncmp(*s, am, 2) != 0)
		return false;
	bool agrees = !p->has_half || p->pm == is_pm;
	p->has_half = true;
	p->pm = is_pm;
	*s += 2;
	return agrees;
}

static bool fraction(const char **s, size_t digits, struct parsed *p)
{
	int64_t v;

	return read_digits(s, digits, digits, &v) &&
	       set(&p->ms, digits == 6 ? v / 1000 : v);
}

static bool offset(const char **s, bool colon, bool z, struct parsed *p)
{
	int64_t minutes = 0;

	if (z && **s == 'Z')
		++*s;
	else if (!read_offset(s, colon, &minutes) || (z && !minutes))
		return false;
	bool agrees = !p->has_offset || p->offset == minutes;
	p->has_offset = true;
	p->offset = minutes;
	return agrees;
}

static bool unix_time(const char **s, struct parsed *p)
{
	int64_t v;
	bool negative = **s == '-';

	*s += negative;
	const char *start = *s;
	if (!read_digits(s, 1, 12, &v) || (*start == '0' && (*s > start + 1 || negative)))
		return false;
	p->has_unix = true;
	p->unix_time = negative ? -v : v;
	return true;
}

static const char *ending(int64_t day)
{
	if (day / 10 == 1)
		return "th";
	return day % 10 == 1 ? "st" : day % 10 == 2 ? "nd" : day % 10 == 3 ? "rd" : "th";
}

static bool suffix(const char **s, struct parsed *p)
{
	bool ok = p->day != UNKNOWN && !strncmp(*s, ending(p->day), 2);

	*s += ok ? 2 : 0;
	return ok;
}

static bool date_letter(char letter, const char **s, struct parsed *p)
{
	switch (letter) {
	case 'd':
		return number(s, 2, 2, &p->day, 1, 31);
	case 'j':
		return number(s, 1, 2, &p->day, 1, 31);
	case 'S':
		return suffix(s, p);
	case 'D':
		return name(s, day_names, 7, 3, &p->weekday, 0);
	case 'l':
		return name(s, day_names, 7, 0, &p->weekday, 0);
	case 'z':
		return number(s, 1, 3, &p->day_of_year, 0, 365);
	case 'm':
		return number(s, 2, 2, &p->month, 1, 12);
	case 'n':
		return number(s, 1, 2, &p->month, 1, 12);
	case 'M':
		return name(s, month_names, 12, 3, &p->month, 1);
	case 'F':
		return name(s, month_names, 12, 0, &p->month, 1);
	case 'Y':
		return number(s, 4, 4, &p->year, 1, 9999);
	case 'y':
		return year_of_two(s, p);
	default:
		return false;
	}
}

static bool time_letter(char letter, const char **s, struct parsed *p)
{
	switch (letter) {
	case 'a':
		return half(s, p, "am", "pm");
	case 'A':
		return half(s, p, "AM", "PM");
	case 'g':
		return number(s, 1, 2, &p->half_hour, 1, 12);
	case 'h':
		return number(s, 2, 2, &p->half_hour, 1, 12);
	case 'G':
		return number(s, 1, 2, &p->hour, 0, 23);
	case 'H':
		return number(s, 2, 2, &p->hour, 0, 23);
	case 'i':
		return number(s, 2, 2, &p->minute, 0, 59);
	case 's':
		return number(s, 2, 2, &p->second, 0, 59);
	case 'v':
		return fraction(s, 3, p);
	case 'u':
		return fraction(s, 6, p);
	case 'O':
		return offset(s, false, false, p);
	case 'P':
		return offset(s, true, false, p);
	case 'p':
		return offset(s, true, true, p);
	case 'U':
		return unix_time(s, p);
	default:
		return false;
	}
}

static const char date_letters[] = "djSDlzmnMFYy", time_letters[] = "aAghGHisvuOPpU";

static bool is_letter(char ch)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z');
}

const char *date_format_bad(const char *format)
{
	for (; *format; format++) {
		if (*format == '\\' && format[1])
			format++;
		else if (is_letter(*format) && !strchr(date_letters, *format) &&
			 !strchr(time_letters, *format))
			return format;
	}
	return NULL;
}

static bool read_by(const char *s, const char *format, struct parsed *p)
{
	for (; *format; format++) {
		bool plain = !is_letter(*format);
		if (*format == '\\' && format[1])
			format++;
		bool ok = plain				  ? *s == *format && *s++
			  : strchr(date_letters, *format) ? date_letter(*format, &s, p)
							  : time_letter(*format, &s, p);
		if (!ok)
			return false;
	}
	return !*s;
}

static int64_t or_else(int64_t v, int64_t def)
{
	return v == UNKNOWN ? def : v;
}

/* What is 12 on a dial is 0. */
static bool settle_hour(struct parsed *p)
{
	if (p->half_hour != UNKNOWN) {
		int64_t hour =
			p->has_half ? p->half_hour % 12 + (p->pm ? 12 : 0) : p->half_hour;
		return set(&p->hour, hour);
	}
	return !p->has_half || p->hour == UNKNOWN || (p->hour >= 12) == p->pm;
}

static bool settle_day(struct parsed *p, int64_t *days)
{
	int64_t y = or_else(p->year, 1970), m, d, first = days_of(y, 1, 1);

	if (p->day_of_year != UNKNOWN) {
		date_of(first + p->day_of_year, &y, &m, &d);
		if (y != or_else(p->year, 1970) || !set(&p->month, m) || !set(&p->day, d))
			return false;
	}
	m = or_else(p->month, 1);
	d = or_else(p->day, 1);
	*days = days_of(y, m, d);
	return date_exists(y, m, d) &&
	       (p->weekday == UNKNOWN || (*days + 4 + 7 * 146097) % 7 == p->weekday);
}

bool date_by_format(const char *s, const char *format, int64_t *ms)
{
	struct parsed p = {.year = UNKNOWN,
			   .month = UNKNOWN,
			   .day = UNKNOWN,
			   .day_of_year = UNKNOWN,
			   .weekday = UNKNOWN,
			   .hour = UNKNOWN,
			   .half_hour = UNKNOWN,
			   .minute = UNKNOWN,
			   .second = UNKNOWN,
			   .ms = UNKNOWN};
	int64_t days;

	if (!read_by(s, format, &p) || !settle_hour(&p) || !settle_day(&p, &days))
		return false;
	if (p.has_unix) {
		*ms = p.unix_time * 1000 + or_else(p.ms, 0);
		return true;
	}
	*ms = days * DAY_MS +
	      ((or_else(p.hour, 0) * 60 + or_else(p.minute, 0)) * 60 +
	       or_else(p.second, 0)) *
		      1000 +
	      or_else(p.ms, 0) - p.offset * 60000;
	return true;
}
