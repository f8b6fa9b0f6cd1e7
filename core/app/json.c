/* cruet/json.h over cJSON. The ctx owns each tree; a child is born in its
 * parent. A writer that runs out of memory, or writes to what cannot hold it, marks
 * the value it wrote to, and json_write() refuses a marked tree: so nothing is lost
 * silently. */
#include "cruet/json.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/ctx.h"
#include "http/json_read.h"

static void drop(void *tree)
{
	cJSON_Delete(tree);
}

static cruet_json *own(cruet_ctx *c, cJSON *tree, void (*end)(void *))
{
	if (tree && !arena_defer(&c->arena, end, tree))
		return tree;
	if (tree)
		end(tree);
	ctx_fail(c, CRUET_ENOMEM, NULL, false);
	return NULL;
}

cruet_json *cruet_json_parse(cruet_ctx *c, const char *p, size_t len)
{
	const struct server_settings *s = &c->host->settings;
	struct json_limits limits = {(unsigned)s->json_depth, (unsigned)s->json_members};
	struct json_problem why;
	cJSON *tree = json_read(p, len, 0, &limits, &why);

	if (!tree && why.line) {
		ctx_fail(c, why.limit ? 413 : 400,
			 arena_printf(&c->arena, "JSON, line %u, column %u: %s", why.line, why.column,
				      why.what),
			 true);
		return NULL;
	}
	return own(c, tree, drop);
}

int ctx_fail_json(cruet_ctx *c, int err)
{
	switch (err) {
	case CRUET_EINVAL:
		return ctx_fail(c, err,
				"JSON that cannot be: cruet_put_...() takes an object and a name, "
				"cruet_push_...() an array",
				false);
	case CRUET_ELIMIT:
		return ctx_fail(c, CRUET_EINVAL, "JSON of more than 1000 levels", false);
	default:
		return ctx_fail(c, err, NULL, false);
	}
}

const char *cruet_json_text(cruet_ctx *c, const cruet_json *j, size_t *len)
{
	struct buf b;

	buf_init(&b, &c->arena, 0);
	int err = j ? json_write(&b, j, 0) : CRUET_OK;
	if (err) {
		ctx_fail_json(c, err);
		return NULL;
	}
	if (len)
		*len = b.len;
	return b.p;
}

int cruet_json_kind(const cruet_json *j)
{
	switch (j ? j->type & 0xFF : cJSON_Invalid) {
	case cJSON_NULL:
		return CRUET_JSON_NULL;
	case cJSON_True:
	case cJSON_False:
		return CRUET_JSON_BOOL;
	case cJSON_Number:
		return CRUET_JSON_NUMBER;
	case cJSON_String:
		return CRUET_JSON_TEXT;
	case cJSON_Array:
		return CRUET_JSON_ARRAY;
	case cJSON_Object:
		return CRUET_JSON_OBJECT;
	default:
		return 0;
	}
}

const cruet_json *cruet_json_get(const cruet_json *j, const char *k)
{
	return cJSON_IsObject(j) && k ? cJSON_GetObjectItemCaseSensitive(j, k) : NULL;
}

const cruet_json *cruet_json_first(const cruet_json *j)
{
	return cJSON_IsObject(j) || cJSON_IsArray(j) ? j->child : NULL;
}

const cruet_json *cruet_json_next(const cruet_json *v)
{
	return v ? v->next : NULL;
}

const char *cruet_json_name(const cruet_json *v)
{
	return v ? v->string : NULL;
}

size_t cruet_json_len(const cruet_json *j)
{
	size_t n = 0;
	for (const cJSON *v = cruet_json_first(j); v; v = v->next)
		n++;
	return n;
}

const char *cruet_json_str(const cruet_json *j, const char *def)
{
	return cJSON_IsString(j) ? j->valuestring : def;
}

int64_t cruet_json_int(const cruet_json *j, int64_t def)
{
	return cJSON_IsNumber(j) ? json_int(j, def) : def;
}

double cruet_json_real(const cruet_json *j, double def)
{
	return cJSON_IsNumber(j) ? j->valuedouble : def;
}

bool cruet_json_bool(const cruet_json *j, bool def)
{
	return cJSON_IsBool(j) ? (j->type & 0xFF) == cJSON_True : def;
}

/* --- building ------------------------------------------------------------------------ */

/* The root is the request's memory; what is below it is cJSON's. */
static void drop_children(void *tree)
{
	cJSON_Delete(((cJSON *)tree)->child);
}

static cruet_json *root(cruet_ctx *c, int type)
{
	cJSON *j = arena_zalloc(&c->arena, sizeof *j);

	if (j)
		j->type = type;
	return own(c, j, drop_children);
}

cruet_json *cruet_object(cruet_ctx *c)
{
	return root(c, cJSON_Object);
}

cruet_json *cruet_array(cruet_ctx *c)
{
	return root(c, cJSON_Array);
}

static cruet_json *add(cruet_json *parent, const char *k, cJSON *v)
{
	bool fits = parent && (k ? cJSON_IsObject(parent) : cJSON_IsArray(parent));

	if (fits && v &&
	    (k ? cJSON_AddItemToObject(parent, k, v) : cJSON_AddItemToArray(parent, v)))
		return v;
	if (parent)
		parent->type |= fits ? JSON_BROKEN : JSON_MISUSED;
	cJSON_Delete(v);
	return NULL;
}

static cJSON *integer(int64_t v)
{
	cJSON *n = cJSON_CreateNumber((double)v);
	if (n && (v > JSON_EXACT_MAX || v < -JSON_EXACT_MAX)) {
		char text[24];
		snprintf(text, sizeof text, "%lld", (long long)v);
		n->valuestring = strdup(text);
		if (!n->valuestring) {
			cJSON_Delete(n);
			return NULL;
		}
	}
	return n;
}

/* JSON has no infinities and no NaN. */
static cJSON *real(double v)
{
	return isfinite(v) ? cJSON_CreateNumber(v) : cJSON_CreateNull();
}

/* The text lies behind its node: to cJSON one that it does not own. */
static cJSON *text(const char *v)
{
	if (!v)
		return cJSON_CreateNull();
	size_t n = strlen(v) + 1;
	cJSON *node = n < SIZE_MAX - sizeof *node ? cJSON_malloc(sizeof *node + n) : NULL;
	if (!node)
		return NULL;
	*node = (cJSON){.type = cJSON_String | cJSON_IsReference, .valuestring = (char *)(node + 1)};
	memcpy(node->valuestring, v, n);
	return node;
}

void cruet_put_str(cruet_json *o, const char *k, const char *v)
{
	add(o, k, text(v));
}

void cruet_put_int(cruet_json *o, const char *k, int64_t v)
{
	add(o, k, integer(v));
}

void cruet_put_real(cruet_json *o, const char *k, double v)
{
	add(o, k, real(v));
}

void cruet_put_bool(cruet_json *o, const char *k, bool v)
{
	add(o, k, cJSON_CreateBool(v));
}

void cruet_put_null(cruet_json *o, const char *k)
{
	add(o, k, cJSON_CreateNull());
}

cruet_json *cruet_put_object(cruet_json *o, const char *k)
{
	return add(o, k, cJSON_CreateObject());
}

cruet_json *cruet_put_array(cruet_json *o, const char *k)
{
	return add(o, k, cJSON_CreateArray());
}

static cJSON *copy(const cJSON *v)
{
	return v ? cJSON_Duplicate(v, true) : cJSON_CreateNull();
}

void cruet_put_json(cruet_json *o, const char *k, const cruet_json *v)
{
	add(o, k, copy(v));
}

void cruet_push_json(cruet_json *a, const cruet_json *v)
{
	add(a, NULL, copy(v));
}

void cruet_push_str(cruet_json *a, const char *v)
{
	add(a, NULL, text(v));
}

void cruet_push_int(cruet_json *a, int64_t v)
{
	add(a, NULL, integer(v));
}

void cruet_push_real(cruet_json *a, double v)
{
	add(a, NULL, real(v));
}

void cruet_push_bool(cruet_json *a, bool v)
{
	add(a, NULL, cJSON_CreateBool(v));
}

void cruet_push_null(cruet_json *a)
{
	add(a, NULL, cJSON_CreateNull());
}

cruet_json *cruet_push_object(cruet_json *a)
{
	return add(a, NULL, cJSON_CreateObject());
}

cruet_json *cruet_push_array(cruet_json *a)
{
	return add(a, NULL, cJSON_CreateArray());
}
