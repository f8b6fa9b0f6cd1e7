#include "http/mime.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

struct mime {
	const char *suffix, *type;
};

/* Sorted by suffix (searched by halves). Types as registered with IANA. */
static const struct mime types[] = {
	{"7z", "application/x-7z-compressed"},
	{"aac", "audio/aac"},
	{"atom", "application/atom+xml"},
	{"avi", "video/x-msvideo"},
	{"avif", "image/avif"},
	{"bin", "application/octet-stream"},
	{"bmp", "image/bmp"},
	{"bz2", "application/x-bzip2"},
	{"c", "text/x-c"},
	{"conf", "text/plain"},
	{"css", "text/css"},
	{"csv", "text/csv"},
	{"doc", "application/msword"},
	{"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
	{"eot", "application/vnd.ms-fontobject"},
	{"epub", "application/epub+zip"},
	{"flac", "audio/flac"},
	{"gif", "image/gif"},
	{"h", "text/x-c"},
	{"htm", "text/html"},
	{"html", "text/html"},
	{"ico", "image/vnd.microsoft.icon"},
	{"ics", "text/calendar"},
	{"jpeg", "image/jpeg"},
	{"jpg", "image/jpeg"},
	{"js", "text/javascript"},
	{"json", "application/json"},
	{"jsonld", "application/ld+json"},
	{"log", "text/plain"},
	{"m4a", "audio/mp4"},
	{"map", "application/json"},
	{"md", "text/markdown"},
	{"mjs", "text/javascript"},
	{"mov", "video/quicktime"},
	{"mp3", "audio/mpeg"},
	{"mp4", "video/mp4"},
	{"mpeg", "video/mpeg"},
	{"odp", "application/vnd.oasis.opendocument.presentation"},
	{"ods", "application/vnd.oasis.opendocument.spreadsheet"},
	{"odt", "application/vnd.oasis.opendocument.text"},
	{"oga", "audio/ogg"},
	{"ogg", "audio/ogg"},
	{"ogv", "video/ogg"},
	{"opus", "audio/opus"},
	{"otf", "font/otf"},
	{"pdf", "application/pdf"},
	{"png", "image/png"},
	{"ppt", "application/vnd.ms-powerpoint"},
	{"pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
	{"py", "text/x-python"},
	{"rar", "application/vnd.rar"},
	{"rss", "application/rss+xml"},
	{"rtf", "application/rtf"},
	{"sh", "application/x-sh"},
	{"sql", "application/sql"},
	{"svg", "image/svg+xml"},
	{"tar", "application/x-tar"},
	{"tif", "image/tiff"},
	{"tiff", "image/tiff"},
	{"toml", "application/toml"},
	{"tsv", "text/tab-separated-values"},
	{"ttf", "font/ttf"},
	{"txt", "text/plain"},
	{"vtt", "text/vtt"},
	{"wasm", "application/wasm"},
	{"wav", "audio/wav"},
	{"weba", "audio/webm"},
	{"webm", "video/webm"},
	{"webmanifest", "application/manifest+json"},
	{"webp", "image/webp"},
	{"woff", "font/woff"},
	{"woff2", "font/woff2"},
	{"xhtml", "application/xhtml+xml"},
	{"xls", "application/vnd.ms-excel"},
	{"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
	{"xml", "text/xml"},
	{"yaml", "application/yaml"},
	{"yml", "application/yaml"},
	{"zip", "application/zip"},
};

static int by_suffix(const void *key, const void *item)
{
	return strcmp(key, ((const struct mime *)item)->suffix);
}

/* The suffix of the first len bytes of base in lower case; false if there is none
 * that could be known. */
static bool suffix_of(const char *base, size_t len, char out[16])
{
	size_t n = 0;

	while (n < len && base[len - 1 - n] != '.')
		n++;
	if (n == len || n == 0 || n > 15 || n + 1 == len)
		return false;
	for (size_t i = 0; i < n; i++)
		out[i] = to_lower(base[len - n + i]);
	out[n] = '\0';
	return true;
}

static const char *type_of(const char *suffix)
{
	const struct mime *m = bsearch(suffix, types, sizeof types / sizeof *types, sizeof *types,
				       by_suffix);
	return m ? m->type : NULL;
}

const char *mime_by_name(const char *name, const char **encoding)
{
	static const char unknown[] = "application/octet-stream";
	const char *slash = strrchr(name, '/'), *base = slash ? slash + 1 : name;
	size_t len = strlen(base);
	char suffix[16];

	*encoding = NULL;
	if (!suffix_of(base, len, suffix))
		return unknown;
	if (!strcmp(suffix, "tgz")) {
		*encoding = "gzip";
		return type_of("tar");
	}
	if (!strcmp(suffix, "gz") || !strcmp(suffix, "br")) {
		*encoding = suffix[0] == 'g' ? "gzip" : "br";
		if (!suffix_of(base, len - strlen(suffix) - 1, suffix))
			return unknown;
	}
	const char *type = type_of(suffix);
	return type ? type : unknown;
}

int mime_is_text(const char *mime)
{
	return text_starts(mime, "text/") || text_ends(mime, "+xml") ||
	       !strcmp(mime, "application/javascript") || !strcmp(mime, "application/xml");
}
