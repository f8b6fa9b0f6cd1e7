/* striptags and unescape: HTML back to text. */
#include <stdlib.h>

#include "chars.h"
#include "filter.h"

struct entity {
	char name[9];
	uint16_t cp;
};

/* Those of HTML 4. */
static const struct entity entities[] = {
	{"quot", 34},	   {"amp", 38},	      {"apos", 39},	{"lt", 60},	   {"gt", 62},
	{"nbsp", 160},	   {"iexcl", 161},    {"cent", 162},	{"pound", 163},	   {"curren", 164},
	{"yen", 165},	   {"brvbar", 166},   {"sect", 167},	{"uml", 168},	   {"copy", 169},
	{"ordf", 170},	   {"laquo", 171},    {"not", 172},	{"shy", 173},	   {"reg", 174},
	{"macr", 175},	   {"deg", 176},      {"plusmn", 177},	{"sup2", 178},	   {"sup3", 179},
	{"acute", 180},	   {"micro", 181},    {"para", 182},	{"middot", 183},   {"cedil", 184},
	{"sup1", 185},	   {"ordm", 186},     {"raquo", 187},	{"frac14", 188},   {"frac12", 189},
	{"frac34", 190},   {"iquest", 191},   {"Agrave", 192},	{"Aacute", 193},   {"Acirc", 194},
	{"Atilde", 195},   {"Auml", 196},     {"Aring", 197},	{"AElig", 198},	   {"Ccedil", 199},
	{"Egrave", 200},   {"Eacute", 201},   {"Ecirc", 202},	{"Euml", 203},	   {"Igrave", 204},
	{"Iacute", 205},   {"Icirc", 206},    {"Iuml", 207},	{"ETH", 208},	   {"Ntilde", 209},
	{"Ograve", 210},   {"Oacute", 211},   {"Ocirc", 212},	{"Otilde", 213},   {"Ouml", 214},
	{"times", 215},	   {"Oslash", 216},   {"Ugrave", 217},	{"Uacute", 218},   {"Ucirc", 219},
	{"Uuml", 220},	   {"Yacute", 221},   {"THORN", 222},	{"szlig", 223},	   {"agrave", 224},
	{"aacute", 225},   {"acirc", 226},    {"atilde", 227},	{"auml", 228},	   {"aring", 229},
	{"aelig", 230},	   {"ccedil", 231},   {"egrave", 232},	{"eacute", 233},   {"ecirc", 234},
	{"euml", 235},	   {"igrave", 236},   {"iacute", 237},	{"icirc", 238},	   {"iuml", 239},
	{"eth", 240},	   {"ntilde", 241},   {"ograve", 242},	{"oacute", 243},   {"ocirc", 244},
	{"otilde", 245},   {"ouml", 246},     {"divide", 247},	{"oslash", 248},   {"ugrave", 249},
	{"uacute", 250},   {"ucirc", 251},    {"uuml", 252},	{"yacute", 253},   {"thorn", 254},
	{"yuml", 255},	   {"OElig", 338},    {"oelig", 339},	{"Scaron", 352},   {"scaron", 353},
	{"Yuml", 376},	   {"fnof", 402},     {"circ", 710},	{"tilde", 732},	   {"Alpha", 913},
	{"Beta", 914},	   {"Gamma", 915},    {"Delta", 916},	{"Omega", 937},	   {"alpha", 945},
	{"beta", 946},	   {"gamma", 947},    {"delta", 948},	{"epsilon", 949},  {"lambda", 955},
	{"mu", 956},	   {"pi", 960},	      {"sigma", 963},	{"tau", 964},	   {"phi", 966},
	{"omega", 969},	   {"ensp", 8194},    {"emsp", 8195},	{"thinsp", 8201},  {"zwnj", 8204},
	{"zwj", 8205},	   {"lrm", 8206},     {"rlm", 8207},	{"ndash", 8211},   {"mdash", 8212},
	{"lsquo", 8216},   {"rsquo", 8217},   {"sbquo", 8218},	{"ldquo", 8220},   {"rdquo", 8221},
	{"bdquo", 8222},   {"dagger", 8224},  {"Dagger", 8225}, {"bull", 8226},	   {"hellip", 8230},
	{"permil", 8240},  {"prime", 8242},   {"Prime", 8243},	{"lsaquo", 8249},  {"rsaquo", 8250},
	{"oline", 8254},   {"frasl", 8260},   {"euro", 8364},	{"trade", 8482},   {"larr", 8592},
	{"uarr", 8593},	   {"rarr", 8594},    {"darr", 8595},	{"harr", 8596},	   {"forall", 8704},
	{"part", 8706},	   {"exist", 8707},   {"empty", 8709},	{"nabla", 8711},   {"isin", 8712},
	{"notin", 8713},   {"ni", 8715},      {"prod", 8719},	{"sum", 8721},	   {"minus", 8722},
	{"radic", 8730},   {"prop", 8733},    {"infin", 8734},	{"cap", 8745},	   {"cup", 8746},
	{"int", 8747},	   {"there4", 8756},  {"sim", 8764},	{"asymp", 8776},   {"ne", 8800},
	{"equiv", 8801},   {"le", 8804},      {"ge", 8805},	{"sub", 8834},	   {"sup", 8835},
	{"loz", 9674},	   {"spades", 9824},  {"clubs", 9827},	{"hearts", 9829},  {"diams", 9830}};

/* The older ones stand without a semicolon too. */
static const uint16_t LAST_OLD = 255;

static void put(struct out *o, uint32_t cp)
{
	char buf[4];

	out_put(o, buf, chars_put(buf, cp));
}

/* "#233;" "#xE9;": the length of it; 0: it is none. */
static size_t by_number(const char *s, size_t n, struct out *o)
{
	size_t i = 1, from;
	bool hex = n > 1 && (s[1] | 32) == 'x';
	uint32_t cp = 0;

	i += hex;
	for (from = i; i < n; i++) {
		uint32_t digit = s[i] >= '0' && s[i] <= '9' ? (uint32_t)(s[i] - '0')
				 : hex && (s[i] | 32) >= 'a' && (s[i] | 32) <= 'f'
					 ? (uint32_t)((s[i] | 32) - 'a' + 10)
					 : 99;
		if (digit > 15)
			break;
		if (cp < 0x200000)
			cp = cp * (hex ? 16 : 10) + digit;
	}
	if (i == from)
		return 0;
	if (!cp || cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF))
		cp = 0xFFFD;
	put(o, cp);
	return i + (i < n && s[i] == ';');
}

static size_t by_name(const char *s, size_t n, struct out *o)
{
	size_t best = 0;
	uint32_t cp = 0;

	for (size_t i = 0; i < sizeof entities / sizeof *entities; i++) {
		size_t len = strlen(entities[i].name);
		if (len > n || memcmp(s, entities[i].name, len) != 0 || len <= best)
			continue;
		bool closed = len < n && s[len] == ';';
		if (!closed && (entities[i].cp > LAST_OLD || entities[i].cp == 39))
			continue;
		best = len + closed;
		cp = entities[i].cp;
	}
	if (best)
		put(o, cp);
	return best;
}

val text_unescape(struct render *r, val s)
{
	size_t from = r->out->len;

	for (size_t i = 0; i < s.len;) {
		size_t n = 0;
		if (s.as.s[i] == '&' && i + 1 < s.len)
			n = s.as.s[i + 1] == '#' ? by_number(s.as.s + i + 1, s.len - i - 1, r->out)
						 : by_name(s.as.s + i + 1, s.len - i - 1, r->out);
		if (!n)
			out_char(r->out, s.as.s[i]);
		i += n + 1;
	}
	return render_take(r, from, false);
}

/* Comments and tags go; white space becomes one space. */
val text_striptags(struct render *r, val s)
{
	size_t from = r->out->len;
	const char *p = s.as.s, *end = p + s.len;
	bool closed = true, commented = true; /* whether there may be another > or --> */

	while (p < end) {
		const char *to = NULL;
		if (commented && end - p >= 4 && !memcmp(p, "<!--", 4)) {
			to = bytes_find(p + 4, (size_t)(end - p - 4), "-->", 3);
			to = to ? to + 3 : NULL;
			commented = to;
		}
		if (closed && !to && *p == '<') {
			to = memchr(p, '>', (size_t)(end - p));
			to = to ? to + 1 : NULL;
			closed = to;
		}
		if (!to)
			out_char(r->out, *p);
		p = to ? to : p + 1;
	}
	val text = render_take(r, from, false);
	struct list *words = text_split(r, text, val_missing(), -1, false);
	if (!words)
		return val_none();
	return text_unescape(r, text_join(r, val_text(" ", 1), val_ptr(V_LIST, words)));
}
