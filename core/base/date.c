#include "base/date.h"

#include <string.h>
#include <time.h>

#include "base/text.h"

static const char days[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
				   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/* H. Hinnant, "chrono-Compatible Low-Level Date Algorithms". */
int64_t date_days(int64_t y, unsigned m, unsigned d)
{
	y -= m <= 2;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	unsigned yoe = (unsigned)(y - era * 400);
	unsigned doy = (153 * (m + (m > 2 ? -3u : 9u)) + 2) / 5 + d - 1;
	unsigned doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
	return era * 146097 + (int64_t)doe - 719468;
}

void date_civil(int64_t z, int64_t *year, unsigned *month, unsigned *day)
{
	z += 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	unsigned doe = (unsigned)(z - era * 146097);
	unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	unsigned mp = (5 * doy + 2) / 153;
	*day = doy - (153 * mp + 2) / 5 + 1;
	*month = mp < 10 ? mp + 3 : mp - 9;
	*year = (int64_t)yoe + era * 400 + (*month <= 2);
}

static char *put2(char *p, unsigned v)
{
	*p++ = (char)('0' + v / 10 % 10);
	*p++ = (char)('0' + v % 10);
	return p;
}

void date_http(char out[DATE_LEN + 1], int64_t t)
{
	const int64_t last = INT64_C(253402300799);
	int64_t year;
	unsigned month, day;

	t = t < 0 ? 0 : t > last ? last : t;
	int64_t d = t / 86400;
	unsigned s = (unsigned)(t % 86400);
	date_civil(d, &year, &month, &day);
	char *p = out;
	memcpy(p, days[(d + 4) % 7], 3);
	p += 3;
	*p++ = ',';
	*p++ = ' ';
	p = put2(p, day);
	*p++ = ' ';
	memcpy(p, months[month - 1], 3);
	p += 3;
	*p++ = ' ';
	p = put2(p, (unsigned)year / 100);
	p = put2(p, (unsigned)year % 100);
	*p++ = ' ';
	p = put2(p, s / 3600);
	*p++ = ':';
	p = put2(p, s / 60 % 60);
	*p++ = ':';
	p = put2(p, s % 60);
	memcpy(p, " GMT", 5);
}

/* --- reading --------------------------------------------------------------------- */

static bool lit(const char **s, const char *want)
{
	size_t n = strlen(want);
	if (strncmp(*s, want, n) != 0)
		return false;
	*s += n;
	return true;
}

static bool number(const char **s, unsigned digits, unsigned *out)
{
	*out = 0;
	for (unsigned i = 0; i < digits; i++) {
		if (!is_digit(**s))
			return false;
		*out = *out * 10 + (unsigned)(*(*s)++ - '0');
	}
	return true;
}

static bool month(const char **s, unsigned *out)
{
	for (*out = 1; *out <= 12; ++*out)
		if (lit(s, months[*out - 1]))
			return true;
	return false;
}

static bool clock_time(const char **s, unsigned *out)
{
	unsigned h, m, sec;
	if (!number(s, 2, &h) || !lit(s, ":") || !number(s, 2, &m) || !lit(s, ":") ||
	    !number(s, 2, &sec) || h > 23 || m > 59 || sec > 60)
		return false;
	*out = h * 3600 + m * 60 + sec;
	return true;
}

static unsigned month_days(unsigned y, unsigned m)
{
	static const unsigned char n[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
	return n[m - 1] + (m == 2 && leap);
}

static bool imf(const char *s, unsigned *y, unsigned *m, unsigned *d, unsigned *t)
{
	bool named = false;
	for (int i = 0; i < 7 && !named; i++)
		named = lit(&s, days[i]);
	return named && lit(&s, ", ") && number(&s, 2, d) && lit(&s, " ") && month(&s, m) &&
	       lit(&s, " ") && number(&s, 4, y) && lit(&s, " ") && clock_time(&s, t) &&
	       lit(&s, " GMT") && !*s;
}

/* "Sunday, 06-Nov-94 08:49:37 GMT"; a year over 50 years ahead is in the past. */
static bool rfc850(const char *s, unsigned *y, unsigned *m, unsigned *d, unsigned *t)
{
	static const char *const names[] = {"Sunday, ",	"Monday, ",   "Tuesday, ", "Wednesday, ",
					    "Thursday, ", "Friday, ", "Saturday, "};
	bool named = false;
	for (int i = 0; i < 7 && !named; i++)
		named = lit(&s, names[i]);
	if (!named || !number(&s, 2, d) || !lit(&s, "-") || !month(&s, m) ||
	    !lit(&s, "-") || !number(&s, 2, y) || !lit(&s, " ") || !clock_time(&s, t) ||
	    !lit(&s, " GMT") || *s)
		return false;
	int64_t now;
	unsigned nm, nd;
	date_civil(date_now_ms() / 86400000, &now, &nm, &nd);
	unsigned century = (unsigned)(now / 100 * 100);
	*y += century;
	if (*y > (unsigned)now + 50)
		*y -= 100;
	return true;
}

/* "Sun Nov  6 08:49:37 1994" */
static bool asctime_form(const char *s, unsigned *y, unsigned *m, unsigned *d, unsigned *t)
{
	bool named = false;
	for (int i = 0; i < 7 && !named; i++)
		named = lit(&s, days[i]);
	if (!named || !lit(&s, " ") || !month(&s, m) || !lit(&s, " "))
		return false;
	if (lit(&s, " ") ? !number(&s, 1, d) : !number(&s, 2, d))
		return false;
	return lit(&s, " ") && clock_time(&s, t) && lit(&s, " ") && number(&s, 4, y) && !*s;
}

bool date_parse(const char *s, int64_t *out)
{
	unsigned y, m, d, t;

	if (!imf(s, &y, &m, &d, &t) && !rfc850(s, &y, &m, &d, &t) &&
	    !asctime_form(s, &y, &m, &d, &t))
		return false;
	if (d < 1 || d > month_days(y, m))
		return false;
	*out = date_days(y, m, d) * 86400 + t;
	return true;
}

static int64_t in_ms(clockid_t clock)
{
	struct timespec ts;
	clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t date_now_ms(void)
{
	return in_ms(CLOCK_REALTIME);
}

int64_t date_coarse_ms(void)
{
	return in_ms(CLOCK_REALTIME_COARSE);
}

int64_t date_monotonic_us(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}
