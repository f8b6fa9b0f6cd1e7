/* The front door: an input is a request head as it stands on the wire. What passes
 * must be what RFC 9110, 9112 and 3986 allow, judged here by other means. */
#include "fuzz.h"

#include <strings.h>

#include "base/text.h"
#include "http/front_door.h"

enum { FIELDS_MAX = 64, BODY_MAX = 1 << 20 };

struct count {
	size_t hosts, lengths, codings, expects;
};

static struct count count_fields(const cruet_head *h)
{
	struct count n = {0};

	for (size_t i = 0; i < h->nfields; i++) {
		n.hosts += !strcasecmp(h->fields[i].name, "host");
		n.lengths += !strcasecmp(h->fields[i].name, "content-length");
		n.codings += !strcasecmp(h->fields[i].name, "transfer-encoding");
		n.expects += !strcasecmp(h->fields[i].name, "expect");
	}
	return n;
}

static void check_framing(const cruet_head *h, const struct door *d)
{
	struct count n = count_fields(h);

	CHECK(!(n.lengths && n.codings) && n.lengths <= 1 && n.codings <= 1 && n.hosts <= 1);
	CHECK(n.hosts || h->minor == 0);
	CHECK((d->length == -1) == (n.codings == 1));
	CHECK(d->length <= BODY_MAX && (d->length <= 0 || n.lengths));
	CHECK(!d->expect_continue || n.expects);
}

static void check_texts(struct arena *a, const cruet_head *h, const struct door *d)
{
	size_t len;

	CHECK(*d->raw_path == '/' || (!strcmp(d->raw_path, "*") && !strcmp(h->method, "OPTIONS")));
	CHECK(!strpbrk(d->raw_path, "?# \r\n"));
	CHECK(!strpbrk(d->query, "# \r\n"));
	CHECK(utf8_valid(d->path, strlen(d->path)));
	char *again = percent_decode(a, d->raw_path, strlen(d->raw_path), false, &len);
	for (; again[0] == '/' && again[1] == '/'; again++)
		len--;
	CHECK(strlen(d->path) == len && !memcmp(again, d->path, len));
	CHECK(*d->host || h->minor == 0);
	for (const char *p = d->host; *p; p++)
		CHECK(*p > ' ' && *p < 0x7f && !is_upper(*p) && !strchr("/?#@\\\"<>", *p));
}

/* What came out goes in again and comes out the same. */
static void check_again(struct arena *a, const cruet_head *h, const struct door *d)
{
	cruet_field host = {"Host", d->host};
	cruet_head again = {.size = sizeof again,
			    .minor = h->minor,
			    .method = h->method,
			    .scheme = h->scheme,
			    .peer = h->peer,
			    .fields = &host,
			    .nfields = *d->host != '\0'};
	struct door twice;
	const char *why = NULL;

	again.target = *d->query ? arena_printf(a, "%s?%s", d->raw_path, d->query) : d->raw_path;
	CHECK(front_door(a, &again, BODY_MAX, NULL, &twice, &why) == 0);
	CHECK(!strcmp(twice.path, d->path) && !strcmp(twice.query, d->query));
	CHECK(!strcmp(twice.host, d->host) && twice.length == 0);
}

/* "METHOD target HTTP/1.1", then "Name: value" a line. */
static bool read_head(struct cut *in, struct arena *a, cruet_head *h, cruet_field *fields)
{
	char *line = cut_at(in, a, '\n');
	char *rest = line;

	if (!line)
		return false;
	h->method = cut_text(&rest, " ");
	h->target = rest ? cut_text(&rest, " ") : "";
	h->minor = !(rest && text_starts(rest, "HTTP/1.0"));
	h->fields = fields;
	while (h->nfields < FIELDS_MAX && (line = cut_at(in, a, '\n'))) {
		char *value = line, *name = cut_text(&value, ":");
		if (!value)
			value = name + strlen(name);
		fields[h->nfields++] = (cruet_field){name, value + (*value == ' ')};
	}
	return true;
}

/* What is well-formed is the same where the transport has looked for that already. */
static void check_checked(struct arena *a, const cruet_head *h, const struct door *d)
{
	cruet_head checked = *h;
	struct door other;
	const char *why = NULL;

	checked.checked = 1;
	CHECK(front_door(a, &checked, BODY_MAX, NULL, &other, &why) == 0);
	CHECK(!strcmp(other.host, d->host) && !strcmp(other.path, d->path) &&
	      other.length == d->length && other.upgrade == d->upgrade);
}

/* Who remembers hosts comes to the same. */
static void check_seen(struct arena *a, const cruet_head *h, int status, const struct door *d)
{
	static struct host_seen seen;
	struct door other;
	const char *why = NULL;

	for (int i = 0; i < 2; i++) {
		CHECK(front_door(a, h, BODY_MAX, &seen, &other, &why) == status);
		CHECK(status || !strcmp(other.host, d->host));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cruet_field fields[FIELDS_MAX];
	cruet_head h = {.size = sizeof h, .peer = "127.0.0.1"};
	struct cut in = cut_of(data, size);
	struct arena a;

	arena_init(&a, 4096);
	h.scheme = size % 2 ? "https" : "http";
	if (read_head(&in, &a, &h, fields)) {
		struct door d;
		const char *why = NULL;
		int status = front_door(&a, &h, BODY_MAX, NULL, &d, &why);
		check_seen(&a, &h, status, &d);
		if (status) {
			CHECK(status == 400 || status == 413 || status == 414 ||
			      status == 417 || status == 431 || status == 501);
			CHECK(why && *why);
		} else {
			check_checked(&a, &h, &d);
			check_framing(&h, &d);
			check_texts(&a, &h, &d);
			check_again(&a, &h, &d);
		}
	}
	arena_fini(&a);
	return 0;
}
