/* cruet/session.h: typed access over the service "session/1", which knows one
 * JSON object and when it changes.
 *
 * Invariant: a string that was read stays valid while the ctx lives. So a value
 * that is replaced or removed is not freed; it moves to an array that the ctx
 * owns. */
#include "service/session.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "app/ctx.h"
#include "base/text.h"
#include "cruet/session.h"
#include "cruet/svc/session.h"
#include "plugin/service.h"

static const cruet_key retired_key = {"session.retired"};

static int no_memory(cruet_ctx *c)
{
	return ctx_fail(c, CRUET_ENOMEM, NULL, false);
}

static const cruet_session *session_of(cruet_ctx *c, void **self, int *err)
{
	cruet_service s;

	*err = service_of(c, CRUET_SESSION, CRUET_UPTO(cruet_session, renew), "session",
			  &s);
	if (*err)
		return NULL;
	*self = s.self;
	return s.vt;
}

static const cruet_key seen_key = {"session.seen"};

const cruet_json *session_seen(const cruet_ctx *c)
{
	return cruet_g_get(c, &seen_key);
}

/* A body that is being sent may hold nothing of a session that its head says nothing of. */
static int too_late(cruet_ctx *c)
{
	return ctx_fail(c, CRUET_ESTATE,
			"the session is asked for first when the reply has begun, whose head does "
			"not say that it varies by cookie: read it before, as cruet_session_data() "
			"does",
			false);
}

static int see(cruet_ctx *c, const cruet_session *s, void *self, cruet_json **data)
{
	if (c->begun && !c->session_open)
		return too_late(c);
	int err = s->open(self, c, data);

	c->session_open |= !err;
	if (!err && c->host->debug)
		err = cruet_g_set(c, &seen_key, *data, NULL);
	return err;
}

int session_open(cruet_ctx *c, cruet_json **data)
{
	void *self;
	int err;
	const cruet_session *s = session_of(c, &self, &err);

	*data = NULL;
	return s ? see(c, s, self, data) : err;
}

int session_change(cruet_ctx *c, cruet_json **data)
{
	void *self;
	int err;
	const cruet_session *s = session_of(c, &self, &err);

	if (!s)
		return err;
	err = see(c, s, self, data);
	if (!err)
		err = ctx_reply_open(c, "the session cannot be written");
	return err ? err : s->change(self, c);
}

int session_ready(cruet_ctx *c)
{
	cruet_service s;
	cruet_json *data;

	return service_find(c, CRUET_SESSION, CRUET_UPTO(cruet_session, renew), &s)
		       ? session_open(c, &data)
		       : CRUET_OK;
}

int session_retire(cruet_ctx *c, cruet_json *parent, cruet_json *member)
{
	cruet_json *retired = cruet_g_get(c, &retired_key);

	if (!retired) {
		retired = cruet_array(c);
		if (!retired)
			return CRUET_ENOMEM;
		int err = cruet_g_set(c, &retired_key, retired, NULL);
		if (err)
			return err;
	}
	cJSON_AddItemToArray(retired, cJSON_DetachItemViaPointer(parent, member));
	return CRUET_OK;
}

const char *session_text(cruet_ctx *c, const char *v)
{
	size_t len = strlen(v);
	struct buf b;

	if (utf8_valid(v, len))
		return v;
	buf_init(&b, &c->arena, 0);
	while (len) {
		uint32_t cp;
		size_t n = utf8_next(v, len, &cp);
		if (n)
			buf_put(&b, v, n);
		else
			buf_str(&b, "\xef\xbf\xbd");
		v += n ? n : 1;
		len -= n ? n : 1;
	}
	if (buf_err(&b)) {
		no_memory(c);
		return NULL;
	}
	return b.p;
}

int session_put(cruet_ctx *c, cruet_json *parent, const char *key, const cruet_json *v)
{
	cJSON *copy = v ? cJSON_Duplicate(v, true) : cJSON_CreateNull();

	if (copy && (key ? cJSON_AddItemToObject(parent, key, copy)
			 : cJSON_AddItemToArray(parent, copy)))
		return CRUET_OK;
	cJSON_Delete(copy);
	return no_memory(c);
}

/* --- reading ------------------------------------------------------------------------ */

cruet_json *cruet_session_data(cruet_ctx *c)
{
	cruet_json *data;
	return session_open(c, &data) ? NULL : data;
}

const cruet_json *cruet_session_json(cruet_ctx *c, const char *key)
{
	return cruet_json_get(cruet_session_data(c), key);
}

const char *cruet_session_str(cruet_ctx *c, const char *key, const char *def)
{
	return cruet_json_str(cruet_session_json(c, key), def);
}

int64_t cruet_session_int(cruet_ctx *c, const char *key, int64_t def)
{
	return cruet_json_int(cruet_session_json(c, key), def);
}

double cruet_session_real(cruet_ctx *c, const char *key, double def)
{
	return cruet_json_real(cruet_session_json(c, key), def);
}

bool cruet_session_bool(cruet_ctx *c, const char *key, bool def)
{
	return cruet_json_bool(cruet_session_json(c, key), def);
}

bool cruet_session_has(cruet_ctx *c, const char *key)
{
	return cruet_session_json(c, key) != NULL;
}

/* --- writing ------------------------------------------------------------------------ */

/* The session with no member of that name, ready for a new one. */
static int make_room(cruet_ctx *c, const char *key, cruet_json **data)
{
	if (!key)
		return ctx_fail(c, CRUET_EINVAL, "a session key is NULL", false);
	int err = session_change(c, data);
	if (err)
		return err;
	cJSON *old = cJSON_GetObjectItemCaseSensitive(*data, key);
	return old ? session_retire(c, *data, old) : CRUET_OK;
}

/* A writer that ran out of memory has added nothing. */
static int added(cruet_ctx *c, const cruet_json *data, const char *key)
{
	return cruet_json_get(data, key) ? CRUET_OK : no_memory(c);
}

int cruet_session_set_str(cruet_ctx *c, const char *key, const char *v)
{
	cruet_json *data;
	const char *text = v ? session_text(c, v) : NULL;

	if (v && !text)
		return CRUET_ENOMEM;
	int err = make_room(c, key, &data);
	if (err)
		return err;
	cruet_put_str(data, key, text);
	return added(c, data, key);
}

int cruet_session_set_int(cruet_ctx *c, const char *key, int64_t v)
{
	cruet_json *data;
	int err = make_room(c, key, &data);

	if (err)
		return err;
	cruet_put_int(data, key, v);
	return added(c, data, key);
}

int cruet_session_set_real(cruet_ctx *c, const char *key, double v)
{
	cruet_json *data;
	int err = make_room(c, key, &data);

	if (err)
		return err;
	cruet_put_real(data, key, v);
	return added(c, data, key);
}

int cruet_session_set_bool(cruet_ctx *c, const char *key, bool v)
{
	cruet_json *data;
	int err = make_room(c, key, &data);

	if (err)
		return err;
	cruet_put_bool(data, key, v);
	return added(c, data, key);
}

int cruet_session_set_json(cruet_ctx *c, const char *key, const cruet_json *v)
{
	cruet_json *data;
	int err = make_room(c, key, &data);

	return err ? err : session_put(c, data, key, v);
}

int cruet_session_del(cruet_ctx *c, const char *key)
{
	cruet_json *data;
	int err = session_open(c, &data);

	if (err || !cruet_json_get(data, key))
		return err;
	return make_room(c, key, &data);
}

int cruet_session_clear(cruet_ctx *c)
{
	cruet_json *data;
	int err = session_change(c, &data);

	while (!err && data->child)
		err = session_retire(c, data, data->child);
	return err;
}

int cruet_session_modified(cruet_ctx *c)
{
	cruet_json *data;
	return session_change(c, &data);
}

int cruet_session_permanent(cruet_ctx *c, bool on)
{
	return cruet_session_set_bool(c, "_permanent", on);
}

int cruet_session_renew(cruet_ctx *c)
{
	void *self;
	int err;
	const cruet_session *s = session_of(c, &self, &err);

	if (!s)
		return err;
	err = ctx_reply_open(c, "cruet_session_renew");
	if (!err)
		err = cruet_session_del(c, "_csrf");
	return err ? err : s->renew(self, c);
}
