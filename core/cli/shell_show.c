/* What is a struct, a pointer or an enumeration is told by a program that reads debug
 * information (tools/cruet-types.c), as a description of one node a line, in front of those
 * that it is made of. */
#include "cli/shell_show.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/real.h"
#include "base/text.h"
#include "cli/shell.h"
#include "cli/spawn.h"
#include "cruet/testing.h"
#include "http/json_read.h"

enum { TEXT_MAX = 2000, ELEMENTS_MAX = 20, NODES_MAX = 5000, DESCRIPTION_MAX = 1 << 20 };

/* Memory of our own that a wild pointer may name: the kernel says whether it is there. */
static bool peek(const void *from, void *to, size_t n)
{
	struct iovec ours = {to, n}, theirs = {(void *)from, n};
	return process_vm_readv(getpid(), &ours, 1, &theirs, 1, 0) == (ssize_t)n;
}

/* --- simple values ------------------------------------------------------------------------ */

static void put_char(char ch, char quote)
{
	static const char named[] = "\aa\bb\ff\nn\rr\tt\vv\\\\";
	const char *at = ch ? strchr(named, ch) : NULL;

	if (at && (at - named) % 2 == 0)
		printf("\\%c", at[1]);
	else if (ch == quote)
		printf("\\%c", ch);
	else if ((unsigned char)ch < 0x20 || ch == 0x7f)
		printf("\\%03o", (unsigned char)ch);
	else
		putchar(ch);
}

static void put_text(const char *p)
{
	char ch;

	if (!p) {
		printf("NULL");
		return;
	}
	if (!peek(p, &ch, 1)) {
		printf("%p, which cannot be read", (const void *)p);
		return;
	}
	putchar('"');
	for (size_t i = 0; peek(p + i, &ch, 1) && ch; i++) {
		if (i == TEXT_MAX) {
			printf("\"...");
			return;
		}
		put_char(ch, '"');
	}
	putchar('"');
}

static int64_t whole(const void *p, size_t size)
{
	int8_t i8;
	int16_t i16;
	int32_t i32;
	int64_t i64 = 0;

	switch (size) {
	case 1:
		memcpy(&i8, p, 1);
		return i8;
	case 2:
		memcpy(&i16, p, 2);
		return i16;
	case 4:
		memcpy(&i32, p, 4);
		return i32;
	default:
		memcpy(&i64, p, size < 8 ? size : 8);
		return i64;
	}
}

static uint64_t natural(const void *p, size_t size)
{
	uint64_t v = 0;

	memcpy(&v, p, size < 8 ? size : 8); /* the low bytes stand first */
	return v;
}

static void put_real(const void *p, size_t size)
{
	char text[32];
	float f = 0;
	double d = 0;

	if (size == sizeof f) {
		memcpy(&f, p, size);
		printf("%.9g", (double)f);
	} else {
		memcpy(&d, p, size < sizeof d ? size : sizeof d);
		real_put(text, sizeof text, d);
		printf("%s", text);
	}
}

static void put_json(const struct cJSON *v)
{
	struct buf b;

	buf_init(&b, NULL, 0);
	if (!v)
		printf("NULL");
	else if (json_write(&b, v, 2))
		printf("JSON that cannot be written");
	else
		printf("%s", b.p);
	buf_fini(&b);
}

static void put_reply(cruet_client *t)
{
	const char *name, *value;

	if (!t || !cruet_client_status(t)) {
		printf("no reply");
		return;
	}
	printf("%d\n", cruet_client_status(t));
	for (size_t i = 0; cruet_client_header_at(t, i, &name, &value); i++)
		printf("%s: %s\n", name, value);
	putchar('\n');
	const cruet_json *json = cruet_client_body_json(t);
	const char *body = cruet_client_body(t);
	size_t len = cruet_client_body_len(t);
	if (json)
		put_json(json);
	else if (!utf8_valid(body, len) || memchr(body, 0, len))
		printf("(%zu bytes that are no text)", len);
	else
		printf("%.*s", (int)(len && body[len - 1] == '\n' ? len - 1 : len), body);
}

/* --- what debug information says of a type ------------------------------------------------ */

struct node {
	char kind[8];
	uint64_t size, n;   /* n: of parts, or of elements */
	uint64_t offset;    /* of a member */
	const char *name;   /* of the type */
	const char *member; /* of a member, or what an enumerator is called */
	int64_t value;	    /* of that */
	struct node *parts; /* n of them; one of a pointer and of an array */
};

struct reader {
	struct arena *a;
	char *at;
	size_t left; /* nodes */
};

/* The next field of the line: up to a tab or the end of the line. */
static const char *field(struct reader *r)
{
	char *p = r->at;
	size_t n = strcspn(p, "\t\n");

	r->at = p + n + (p[n] != '\0');
	p[n] = '\0';
	return p;
}

static uint64_t number(struct reader *r)
{
	return strtoull(field(r), NULL, 10);
}

static bool read_node(struct reader *r, struct node *out);

static bool read_parts(struct reader *r, struct node *out, uint64_t n)
{
	out->parts = n <= NODES_MAX ? arena_array(r->a, n, sizeof *out->parts) : NULL;
	bool ok = out->parts != NULL;
	for (uint64_t i = 0; ok && i < n; i++)
		ok = read_node(r, &out->parts[i]);
	return ok;
}

/* KIND SIZE N NAME; members and enumerators: "member OFFSET NAME" and then the type, "is
 * VALUE NAME". */
static bool read_node(struct reader *r, struct node *out)
{
	if (!*r->at || !r->left--)
		return false;
	snprintf(out->kind, sizeof out->kind, "%s", field(r));
	if (!strcmp(out->kind, "is")) {
		out->value = strtoll(field(r), NULL, 10);
		out->member = field(r);
		return true;
	}
	if (!strcmp(out->kind, "member")) {
		uint64_t offset = number(r);
		const char *name = field(r);
		bool ok = read_node(r, out);
		out->offset = offset;
		out->member = name;
		return ok;
	}
	out->size = number(r);
	out->n = number(r);
	out->name = field(r);
	if (!strcmp(out->kind, "struct") || !strcmp(out->kind, "enum"))
		return read_parts(r, out, out->n);
	if (!strcmp(out->kind, "array") || (!strcmp(out->kind, "ptr") && out->n))
		return read_parts(r, out, 1);
	return true;
}

/* False: there is no such program, or it knows nothing. */
static bool describe(const char *so, struct arena *a, struct node *out)
{
	const char *program = shell_helper("cruet-types", a);
	char *argv[] = {(char *)program, (char *)so, (char *)"cruet__value", NULL};
	int fd = memfd_create("types", MFD_CLOEXEC), code = 1;
	struct reader r = {.a = a, .left = NODES_MAX};

	if (program && fd >= 0 && spawn_wait(argv, fd, -1, &code))
		code = 1;
	off_t size = fd >= 0 ? lseek(fd, 0, SEEK_END) : 0;
	if (!code && size > 0 && size <= DESCRIPTION_MAX)
		r.at = arena_zalloc(a, (size_t)size + 1);
	bool ok = r.at && pread(fd, r.at, (size_t)size, 0) == size && read_node(&r, out);
	if (fd >= 0)
		close(fd);
	return ok;
}

/* --- values of such types ----------------------------------------------------------------- */

static void put_node(const struct node *n, const void *p, unsigned depth);

static void put_enum(const struct node *n, const void *p)
{
	int64_t v = whole(p, n->size);

	for (uint64_t i = 0; i < n->n; i++)
		if (n->parts[i].value == v) {
			printf("%s", n->parts[i].member);
			return;
		}
	printf("%lld", (long long)v);
}

static void put_struct(const struct node *n, const void *p, unsigned depth)
{
	printf("{\n");
	for (uint64_t i = 0; i < n->n; i++) {
		const struct node *m = &n->parts[i];
		printf("%*s%s%s", 2 * (int)depth + 2, "", m->member, *m->member ? " = " : "");
		put_node(m, (const char *)p + m->offset, depth + 1);
		printf(",\n");
	}
	printf("%*s}", 2 * (int)depth, "");
}

static void put_array(const struct node *n, const void *p, unsigned depth)
{
	const struct node *element = n->parts;
	uint64_t shown = n->n < ELEMENTS_MAX ? n->n : ELEMENTS_MAX;

	if (!strcmp(element->kind, "char")) {
		const char *text = p;
		putchar('"');
		for (uint64_t i = 0; i < n->n && text[i]; i++)
			put_char(text[i], '"');
		putchar('"');
		return;
	}
	putchar('{');
	for (uint64_t i = 0; i < shown; i++) {
		printf("%s", i ? ", " : "");
		put_node(element, (const char *)p + i * element->size, depth);
	}
	printf("%s}", shown < n->n ? ", ..." : "");
}

static void put_pointer(const struct node *n, const void *p, unsigned depth)
{
	const void *to;
	void *copy;

	memcpy(&to, p, sizeof to);
	if (!to) {
		printf("NULL");
		return;
	}
	printf("(%s) %p", n->name, to);
	if (!n->n || !n->parts->size || !(copy = malloc(n->parts->size)))
		return;
	printf(" ");
	if (peek(to, copy, n->parts->size))
		put_node(n->parts, copy, depth);
	else
		printf("which cannot be read");
	free(copy);
}

static void put_node(const struct node *n, const void *p, unsigned depth)
{
	const char *k = n->kind;

	if (!strcmp(k, "int"))
		printf("%lld", (long long)whole(p, n->size));
	else if (!strcmp(k, "uint"))
		printf("%llu", (unsigned long long)natural(p, n->size));
	else if (!strcmp(k, "real"))
		put_real(p, n->size);
	else if (!strcmp(k, "bool"))
		printf("%s", natural(p, n->size) ? "true" : "false");
	else if (!strcmp(k, "char"))
		printf("'"), put_char(*(const char *)p, '\''), printf("'");
	else if (!strcmp(k, "text"))
		put_text(*(const char *const *)p);
	else if (!strcmp(k, "enum"))
		put_enum(n, p);
	else if (!strcmp(k, "struct"))
		put_struct(n, p, depth);
	else if (!strcmp(k, "array"))
		put_array(n, p, depth);
	else if (!strcmp(k, "ptr"))
		put_pointer(n, p, depth);
	else
		printf("(%s)", *n->name ? n->name : "?");
}

static void put_described(const void *p, size_t size, const char *so, struct arena *a)
{
	struct node n = {.size = 0};

	if (describe(so, a, &n) && n.size == size)
		put_node(&n, p, 0);
	else if (size == sizeof(void *))
		printf("%p", *(void *const *)p);
	else
		printf("(%zu bytes)", size);
}

/* The compiler takes an enumeration for an unsigned number. */
static void put_natural(const void *p, size_t size, const char *so, struct arena *a)
{
	struct node n = {.size = 0};

	if (size == sizeof(unsigned) && describe(so, a, &n) && !strcmp(n.kind, "enum"))
		put_enum(&n, p);
	else
		printf("%llu", (unsigned long long)natural(p, size));
}

void show_value(int kind, const void *p, size_t size, const char *so, struct arena *a)
{
	switch (kind) {
	case 's':
		put_text(*(const char *const *)p);
		break;
	case 'b':
		printf("%s", *(const bool *)p ? "true" : "false");
		break;
	case 'c':
		putchar('\'');
		put_char(*(const char *)p, '\'');
		putchar('\'');
		break;
	case 'i':
		printf("%lld", (long long)whole(p, size));
		break;
	case 'u':
		put_natural(p, size, so, a);
		break;
	case 'f':
		put_real(p, size);
		break;
	case 'j':
		put_json(*(const struct cJSON *const *)p);
		break;
	case 'r':
		put_reply(*(cruet_client *const *)p);
		break;
	default:
		put_described(p, size, so, a);
	}
	putchar('\n');
}
