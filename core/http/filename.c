#include "http/filename.h"

#include <string.h>

#include "base/buf.h"
#include "base/text.h"

/* The ASCII part of the compatibility decomposition (Unicode 15, NFKD) of Latin
 * letters and of some punctuation; sorted. All other characters have none. */
static const struct {
	uint16_t cp;
	char ascii[4];
} folds[] = {
	{0x00a0, " "}, {0x00a8, " "}, {0x00aa, "a"}, {0x00af, " "}, {0x00b2, "2"},
	{0x00b3, "3"}, {0x00b4, " "}, {0x00b8, " "}, {0x00b9, "1"}, {0x00ba, "o"},
	{0x00bc, "14"}, {0x00bd, "12"}, {0x00be, "34"}, {0x00c0, "A"}, {0x00c1, "A"},
	{0x00c2, "A"}, {0x00c3, "A"}, {0x00c4, "A"}, {0x00c5, "A"}, {0x00c7, "C"},
	{0x00c8, "E"}, {0x00c9, "E"}, {0x00ca, "E"}, {0x00cb, "E"}, {0x00cc, "I"},
	{0x00cd, "I"}, {0x00ce, "I"}, {0x00cf, "I"}, {0x00d1, "N"}, {0x00d2, "O"},
	{0x00d3, "O"}, {0x00d4, "O"}, {0x00d5, "O"}, {0x00d6, "O"}, {0x00d9, "U"},
	{0x00da, "U"}, {0x00db, "U"}, {0x00dc, "U"}, {0x00dd, "Y"}, {0x00e0, "a"},
	{0x00e1, "a"}, {0x00e2, "a"}, {0x00e3, "a"}, {0x00e4, "a"}, {0x00e5, "a"},
	{0x00e7, "c"}, {0x00e8, "e"}, {0x00e9, "e"}, {0x00ea, "e"}, {0x00eb, "e"},
	{0x00ec, "i"}, {0x00ed, "i"}, {0x00ee, "i"}, {0x00ef, "i"}, {0x00f1, "n"},
	{0x00f2, "o"}, {0x00f3, "o"}, {0x00f4, "o"}, {0x00f5, "o"}, {0x00f6, "o"},
	{0x00f9, "u"}, {0x00fa, "u"}, {0x00fb, "u"}, {0x00fc, "u"}, {0x00fd, "y"},
	{0x00ff, "y"}, {0x0100, "A"}, {0x0101, "a"}, {0x0102, "A"}, {0x0103, "a"},
	{0x0104, "A"}, {0x0105, "a"}, {0x0106, "C"}, {0x0107, "c"}, {0x0108, "C"},
	{0x0109, "c"}, {0x010a, "C"}, {0x010b, "c"}, {0x010c, "C"}, {0x010d, "c"},
	{0x010e, "D"}, {0x010f, "d"}, {0x0112, "E"}, {0x0113, "e"}, {0x0114, "E"},
	{0x0115, "e"}, {0x0116, "E"}, {0x0117, "e"}, {0x0118, "E"}, {0x0119, "e"},
	{0x011a, "E"}, {0x011b, "e"}, {0x011c, "G"}, {0x011d, "g"}, {0x011e, "G"},
	{0x011f, "g"}, {0x0120, "G"}, {0x0121, "g"}, {0x0122, "G"}, {0x0123, "g"},
	{0x0124, "H"}, {0x0125, "h"}, {0x0128, "I"}, {0x0129, "i"}, {0x012a, "I"},
	{0x012b, "i"}, {0x012c, "I"}, {0x012d, "i"}, {0x012e, "I"}, {0x012f, "i"},
	{0x0130, "I"}, {0x0132, "IJ"}, {0x0133, "ij"}, {0x0134, "J"}, {0x0135, "j"},
	{0x0136, "K"}, {0x0137, "k"}, {0x0139, "L"}, {0x013a, "l"}, {0x013b, "L"},
	{0x013c, "l"}, {0x013d, "L"}, {0x013e, "l"}, {0x013f, "L"}, {0x0140, "l"},
	{0x0143, "N"}, {0x0144, "n"}, {0x0145, "N"}, {0x0146, "n"}, {0x0147, "N"},
	{0x0148, "n"}, {0x0149, "n"}, {0x014c, "O"}, {0x014d, "o"}, {0x014e, "O"},
	{0x014f, "o"}, {0x0150, "O"}, {0x0151, "o"}, {0x0154, "R"}, {0x0155, "r"},
	{0x0156, "R"}, {0x0157, "r"}, {0x0158, "R"}, {0x0159, "r"}, {0x015a, "S"},
	{0x015b, "s"}, {0x015c, "S"}, {0x015d, "s"}, {0x015e, "S"}, {0x015f, "s"},
	{0x0160, "S"}, {0x0161, "s"}, {0x0162, "T"}, {0x0163, "t"}, {0x0164, "T"},
	{0x0165, "t"}, {0x0168, "U"}, {0x0169, "u"}, {0x016a, "U"}, {0x016b, "u"},
	{0x016c, "U"}, {0x016d, "u"}, {0x016e, "U"}, {0x016f, "u"}, {0x0170, "U"},
	{0x0171, "u"}, {0x0172, "U"}, {0x0173, "u"}, {0x0174, "W"}, {0x0175, "w"},
	{0x0176, "Y"}, {0x0177, "y"}, {0x0178, "Y"}, {0x0179, "Z"}, {0x017a, "z"},
	{0x017b, "Z"}, {0x017c, "z"}, {0x017d, "Z"}, {0x017e, "z"}, {0x017f, "s"},
	{0x01a0, "O"}, {0x01a1, "o"}, {0x01af, "U"}, {0x01b0, "u"}, {0x01c4, "DZ"},
	{0x01c5, "Dz"}, {0x01c6, "dz"}, {0x01c7, "LJ"}, {0x01c8, "Lj"}, {0x01c9, "lj"},
	{0x01ca, "NJ"}, {0x01cb, "Nj"}, {0x01cc, "nj"}, {0x01cd, "A"}, {0x01ce, "a"},
	{0x01cf, "I"}, {0x01d0, "i"}, {0x01d1, "O"}, {0x01d2, "o"}, {0x01d3, "U"},
	{0x01d4, "u"}, {0x01d5, "U"}, {0x01d6, "u"}, {0x01d7, "U"}, {0x01d8, "u"},
	{0x01d9, "U"}, {0x01da, "u"}, {0x01db, "U"}, {0x01dc, "u"}, {0x01de, "A"},
	{0x01df, "a"}, {0x01e0, "A"}, {0x01e1, "a"}, {0x01e6, "G"}, {0x01e7, "g"},
	{0x01e8, "K"}, {0x01e9, "k"}, {0x01ea, "O"}, {0x01eb, "o"}, {0x01ec, "O"},
	{0x01ed, "o"}, {0x01f0, "j"}, {0x01f1, "DZ"}, {0x01f2, "Dz"}, {0x01f3, "dz"},
	{0x01f4, "G"}, {0x01f5, "g"}, {0x01f8, "N"}, {0x01f9, "n"}, {0x01fa, "A"},
	{0x01fb, "a"}, {0x0200, "A"}, {0x0201, "a"}, {0x0202, "A"}, {0x0203, "a"},
	{0x0204, "E"}, {0x0205, "e"}, {0x0206, "E"}, {0x0207, "e"}, {0x0208, "I"},
	{0x0209, "i"}, {0x020a, "I"}, {0x020b, "i"}, {0x020c, "O"}, {0x020d, "o"},
	{0x020e, "O"}, {0x020f, "o"}, {0x0210, "R"}, {0x0211, "r"}, {0x0212, "R"},
	{0x0213, "r"}, {0x0214, "U"}, {0x0215, "u"}, {0x0216, "U"}, {0x0217, "u"},
	{0x0218, "S"}, {0x0219, "s"}, {0x021a, "T"}, {0x021b, "t"}, {0x021e, "H"},
	{0x021f, "h"}, {0x0226, "A"}, {0x0227, "a"}, {0x0228, "E"}, {0x0229, "e"},
	{0x022a, "O"}, {0x022b, "o"}, {0x022c, "O"}, {0x022d, "o"}, {0x022e, "O"},
	{0x022f, "o"}, {0x0230, "O"}, {0x0231, "o"}, {0x0232, "Y"}, {0x0233, "y"},
	{0x1e00, "A"}, {0x1e01, "a"}, {0x1e02, "B"}, {0x1e03, "b"}, {0x1e04, "B"},
	{0x1e05, "b"}, {0x1e06, "B"}, {0x1e07, "b"}, {0x1e08, "C"}, {0x1e09, "c"},
	{0x1e0a, "D"}, {0x1e0b, "d"}, {0x1e0c, "D"}, {0x1e0d, "d"}, {0x1e0e, "D"},
	{0x1e0f, "d"}, {0x1e10, "D"}, {0x1e11, "d"}, {0x1e12, "D"}, {0x1e13, "d"},
	{0x1e14, "E"}, {0x1e15, "e"}, {0x1e16, "E"}, {0x1e17, "e"}, {0x1e18, "E"},
	{0x1e19, "e"}, {0x1e1a, "E"}, {0x1e1b, "e"}, {0x1e1c, "E"}, {0x1e1d, "e"},
	{0x1e1e, "F"}, {0x1e1f, "f"}, {0x1e20, "G"}, {0x1e21, "g"}, {0x1e22, "H"},
	{0x1e23, "h"}, {0x1e24, "H"}, {0x1e25, "h"}, {0x1e26, "H"}, {0x1e27, "h"},
	{0x1e28, "H"}, {0x1e29, "h"}, {0x1e2a, "H"}, {0x1e2b, "h"}, {0x1e2c, "I"},
	{0x1e2d, "i"}, {0x1e2e, "I"}, {0x1e2f, "i"}, {0x1e30, "K"}, {0x1e31, "k"},
	{0x1e32, "K"}, {0x1e33, "k"}, {0x1e34, "K"}, {0x1e35, "k"}, {0x1e36, "L"},
	{0x1e37, "l"}, {0x1e38, "L"}, {0x1e39, "l"}, {0x1e3a, "L"}, {0x1e3b, "l"},
	{0x1e3c, "L"}, {0x1e3d, "l"}, {0x1e3e, "M"}, {0x1e3f, "m"}, {0x1e40, "M"},
	{0x1e41, "m"}, {0x1e42, "M"}, {0x1e43, "m"}, {0x1e44, "N"}, {0x1e45, "n"},
	{0x1e46, "N"}, {0x1e47, "n"}, {0x1e48, "N"}, {0x1e49, "n"}, {0x1e4a, "N"},
	{0x1e4b, "n"}, {0x1e4c, "O"}, {0x1e4d, "o"}, {0x1e4e, "O"}, {0x1e4f, "o"},
	{0x1e50, "O"}, {0x1e51, "o"}, {0x1e52, "O"}, {0x1e53, "o"}, {0x1e54, "P"},
	{0x1e55, "p"}, {0x1e56, "P"}, {0x1e57, "p"}, {0x1e58, "R"}, {0x1e59, "r"},
	{0x1e5a, "R"}, {0x1e5b, "r"}, {0x1e5c, "R"}, {0x1e5d, "r"}, {0x1e5e, "R"},
	{0x1e5f, "r"}, {0x1e60, "S"}, {0x1e61, "s"}, {0x1e62, "S"}, {0x1e63, "s"},
	{0x1e64, "S"}, {0x1e65, "s"}, {0x1e66, "S"}, {0x1e67, "s"}, {0x1e68, "S"},
	{0x1e69, "s"}, {0x1e6a, "T"}, {0x1e6b, "t"}, {0x1e6c, "T"}, {0x1e6d, "t"},
	{0x1e6e, "T"}, {0x1e6f, "t"}, {0x1e70, "T"}, {0x1e71, "t"}, {0x1e72, "U"},
	{0x1e73, "u"}, {0x1e74, "U"}, {0x1e75, "u"}, {0x1e76, "U"}, {0x1e77, "u"},
	{0x1e78, "U"}, {0x1e79, "u"}, {0x1e7a, "U"}, {0x1e7b, "u"}, {0x1e7c, "V"},
	{0x1e7d, "v"}, {0x1e7e, "V"}, {0x1e7f, "v"}, {0x1e80, "W"}, {0x1e81, "w"},
	{0x1e82, "W"}, {0x1e83, "w"}, {0x1e84, "W"}, {0x1e85, "w"}, {0x1e86, "W"},
	{0x1e87, "w"}, {0x1e88, "W"}, {0x1e89, "w"}, {0x1e8a, "X"}, {0x1e8b, "x"},
	{0x1e8c, "X"}, {0x1e8d, "x"}, {0x1e8e, "Y"}, {0x1e8f, "y"}, {0x1e90, "Z"},
	{0x1e91, "z"}, {0x1e92, "Z"}, {0x1e93, "z"}, {0x1e94, "Z"}, {0x1e95, "z"},
	{0x1e96, "h"}, {0x1e97, "t"}, {0x1e98, "w"}, {0x1e99, "y"}, {0x1e9a, "a"},
	{0x1e9b, "s"}, {0x1ea0, "A"}, {0x1ea1, "a"}, {0x1ea2, "A"}, {0x1ea3, "a"},
	{0x1ea4, "A"}, {0x1ea5, "a"}, {0x1ea6, "A"}, {0x1ea7, "a"}, {0x1ea8, "A"},
	{0x1ea9, "a"}, {0x1eaa, "A"}, {0x1eab, "a"}, {0x1eac, "A"}, {0x1ead, "a"},
	{0x1eae, "A"}, {0x1eaf, "a"}, {0x1eb0, "A"}, {0x1eb1, "a"}, {0x1eb2, "A"},
	{0x1eb3, "a"}, {0x1eb4, "A"}, {0x1eb5, "a"}, {0x1eb6, "A"}, {0x1eb7, "a"},
	{0x1eb8, "E"}, {0x1eb9, "e"}, {0x1eba, "E"}, {0x1ebb, "e"}, {0x1ebc, "E"},
	{0x1ebd, "e"}, {0x1ebe, "E"}, {0x1ebf, "e"}, {0x1ec0, "E"}, {0x1ec1, "e"},
	{0x1ec2, "E"}, {0x1ec3, "e"}, {0x1ec4, "E"}, {0x1ec5, "e"}, {0x1ec6, "E"},
	{0x1ec7, "e"}, {0x1ec8, "I"}, {0x1ec9, "i"}, {0x1eca, "I"}, {0x1ecb, "i"},
	{0x1ecc, "O"}, {0x1ecd, "o"}, {0x1ece, "O"}, {0x1ecf, "o"}, {0x1ed0, "O"},
	{0x1ed1, "o"}, {0x1ed2, "O"}, {0x1ed3, "o"}, {0x1ed4, "O"}, {0x1ed5, "o"},
	{0x1ed6, "O"}, {0x1ed7, "o"}, {0x1ed8, "O"}, {0x1ed9, "o"}, {0x1eda, "O"},
	{0x1edb, "o"}, {0x1edc, "O"}, {0x1edd, "o"}, {0x1ede, "O"}, {0x1edf, "o"},
	{0x1ee0, "O"}, {0x1ee1, "o"}, {0x1ee2, "O"}, {0x1ee3, "o"}, {0x1ee4, "U"},
	{0x1ee5, "u"}, {0x1ee6, "U"}, {0x1ee7, "u"}, {0x1ee8, "U"}, {0x1ee9, "u"},
	{0x1eea, "U"}, {0x1eeb, "u"}, {0x1eec, "U"}, {0x1eed, "u"}, {0x1eee, "U"},
	{0x1eef, "u"}, {0x1ef0, "U"}, {0x1ef1, "u"}, {0x1ef2, "Y"}, {0x1ef3, "y"},
	{0x1ef4, "Y"}, {0x1ef5, "y"}, {0x1ef6, "Y"}, {0x1ef7, "y"}, {0x1ef8, "Y"},
	{0x1ef9, "y"}, {0x2000, " "}, {0x2001, " "}, {0x2002, " "}, {0x2003, " "},
	{0x2004, " "}, {0x2005, " "}, {0x2006, " "}, {0x2007, " "}, {0x2008, " "},
	{0x2009, " "}, {0x200a, " "}, {0x2017, " "}, {0x2024, "."}, {0x2025, ".."},
	{0x2026, "..."}, {0x202f, " "}, {0x203c, "!!"}, {0x203e, " "}, {0x2047, "??"},
	{0x2048, "?!"}, {0x2049, "!?"}, {0x205f, " "}, {0x2070, "0"}, {0x2071, "i"},
	{0x2074, "4"}, {0x2075, "5"}, {0x2076, "6"}, {0x2077, "7"}, {0x2078, "8"},
	{0x2079, "9"}, {0x207a, "+"}, {0x207c, "="}, {0x207d, "("}, {0x207e, ")"},
	{0x207f, "n"}, {0x2080, "0"}, {0x2081, "1"}, {0x2082, "2"}, {0x2083, "3"},
	{0x2084, "4"}, {0x2085, "5"}, {0x2086, "6"}, {0x2087, "7"}, {0x2088, "8"},
	{0x2089, "9"}, {0x208a, "+"}, {0x208c, "="}, {0x208d, "("}, {0x208e, ")"},
	{0x2090, "a"}, {0x2091, "e"}, {0x2092, "o"}, {0x2093, "x"}, {0x2095, "h"},
	{0x2096, "k"}, {0x2097, "l"}, {0x2098, "m"}, {0x2099, "n"}, {0x209a, "p"},
	{0x209b, "s"}, {0x209c, "t"}, {0xfb00, "ff"}, {0xfb01, "fi"}, {0xfb02, "fl"},
	{0xfb03, "ffi"}, {0xfb04, "ffl"}, {0xfb05, "st"}, {0xfb06, "st"},
};

static const char *fold(uint32_t cp)
{
	size_t low = 0, high = sizeof folds / sizeof *folds;

	while (low < high) {
		size_t mid = (low + high) / 2;
		if (folds[mid].cp == cp)
			return folds[mid].ascii;
		if (folds[mid].cp < cp)
			low = mid + 1;
		else
			high = mid;
	}
	return "";
}

void filename_ascii(struct buf *b, const char *name)
{
	size_t len = strlen(name);
	uint32_t cp;

	for (size_t i = 0, n; i < len; i += n) {
		n = utf8_next(name + i, len - i, &cp);
		if (!n)
			n = 1; /* a broken byte is dropped */
		else if (cp < 0x80)
			buf_char(b, (char)cp);
		else if (cp > 0xff00 && cp < 0xff5f) /* full width */
			buf_char(b, (char)(cp - 0xfee0));
		else
			buf_str(b, fold(cp));
	}
}

static bool safe_char(int ch)
{
	return is_alnum(ch) || ch == '_' || ch == '-' || ch == '.';
}

void filename_secure(struct buf *b, const char *name)
{
	struct buf plain;
	bool gap = false;

	buf_init(&plain, b->arena, 0);
	filename_ascii(&plain, name);
	size_t start = b->len;
	for (const char *p = plain.p; *p; p++) {
		bool space = *p == '/' || *p == ' ' || (*p >= '\t' && *p <= '\r') ||
			     (*p >= 0x1c && *p <= 0x1f);
		if (space) {
			gap = b->len > start;
			continue;
		}
		if (gap)
			buf_char(b, '_');
		gap = false;
		if (safe_char(*p))
			buf_char(b, *p);
	}
	if (buf_err(&plain) && !b->err)
		b->err = buf_err(&plain);
	buf_fini(&plain);
	/* No dot or underscore at either end. */
	while (b->len > start && (b->p[b->len - 1] == '.' || b->p[b->len - 1] == '_'))
		b->p[--b->len] = '\0';
	size_t lead = start;
	while (lead < b->len && (b->p[lead] == '.' || b->p[lead] == '_'))
		lead++;
	if (lead > start) {
		memmove(b->p + start, b->p + lead, b->len - lead + 1);
		b->len -= lead - start;
	}
}

static bool is_word(const char *s)
{
	for (; *s; s++)
		if (!is_token((unsigned char)*s))
			return false;
	return true;
}

static void put_name(struct buf *b, const char *ascii)
{
	if (*ascii && is_word(ascii)) {
		buf_printf(b, "; filename=%s", ascii);
		return;
	}
	buf_str(b, "; filename=\"");
	for (; *ascii; ascii++) {
		if (*ascii == '"' || *ascii == '\\')
			buf_char(b, '\\');
		if ((unsigned char)*ascii >= ' ')
			buf_char(b, *ascii);
	}
	buf_char(b, '"');
}

void filename_disposition(struct buf *b, const char *kind, const char *name)
{
	struct buf ascii;

	buf_init(&ascii, b->arena, 0);
	filename_ascii(&ascii, name);
	buf_str(b, kind);
	put_name(b, ascii.p);
	if (strcmp(ascii.p, name) != 0) {
		buf_str(b, "; filename*=UTF-8''");
		percent_encode(b, name, strlen(name), "!#$&+^`|", false);
	}
	if (buf_err(&ascii) && !b->err)
		b->err = buf_err(&ascii);
	buf_fini(&ascii);
}
