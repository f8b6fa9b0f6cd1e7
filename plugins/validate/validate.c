/* Provides "validate/1": what a client sent against tables of rules. This file is what
 * the plugin says of itself, its ladder, and the functions of the service. */
#include "validate.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"

static const cruet_errtype bad_table = {sizeof bad_table, 500, "validate.rules", NULL};

/* --- setup ------------------------------------------------------------------------ */

static bool is_name(const char *s)
{
	return s && *s >= 'a' && *s <= 'z' &&
	       !s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_")];
}

static bool is_rule(const struct asker *who, const char *name)
{
	size_t len = strlen(name);

	return catalog_find(name, len) || added_find(who, CRUET_VALIDATE_RULE, name, len);
}

/* Names of errors, which are no rules of a table, may be said again. */
static bool is_taken(const struct asker *who, const char *name, bool error)
{
	size_t len = strlen(name);
	const cruet_validate_added *added = added_find(who, CRUET_VALIDATE_RULE, name, len);

	return catalog_find(name, len) || (added && !(error && !added->fn));
}

static int may_add_rule(void *self, cruet_app *app, const char *name, cruet_rule_fn *fn,
			const char *message, void *arg)
{
	const struct asker who = {.self = self, .app = app};

	(void)arg;
	if (!is_name(name) || (!fn && !message))
		return cruet_reject(
			app,
			"cruet_validate_add: \"%s\": expected a name of small "
			"letters, digits and _, and a function or a message",
			name ? name : "");
	if (is_taken(&who, name, !fn))
		return cruet_reject(
			app, "cruet_validate_add: there is a rule \"%s\" already", name);
	return CRUET_OK;
}

/* "min", "age.min": it ends with the name of a rule. */
static int may_add_message(void *self, cruet_app *app, const char *key, const char *text)
{
	const struct asker who = {.self = self, .app = app};
	const char *dot = key ? strrchr(key, '.') : NULL, *rule = dot ? dot + 1 : key;

	if (!key || !*key || !text)
		return cruet_reject(app, "cruet_validate_message: expected a key and a text");
	if (is_rule(&who, rule))
		return CRUET_OK;
	const char *near = cruet_nearest(rule, known_rule, &who);
	return near ? cruet_reject(
			      app,
			      "cruet_validate_message: \"%s\": unknown rule \"%s\": did "
			      "you mean \"%s\"?",
			      key, rule, near)
		    : cruet_reject(
			      app,
			      "cruet_validate_message: \"%s\": expected a rule, such as "
			      "required, or one of a field, such as name.required",
			      key);
}

static int may_add_label(void *self, cruet_app *app, const char *field, const char *label)
{
	(void)self;
	return field && *field && label
		       ? CRUET_OK
		       : cruet_reject(app, "cruet_validate_label: expected a key and a text");
}

/* --- tables ----------------------------------------------------------------------- */

static _Atomic(struct rules *) *bucket(struct state *s, uint64_t hash)
{
	return &s->cache[(hash ^ hash >> 32) % CACHE_BUCKETS];
}

static struct rules *look_up(struct state *s, const cruet_field_rule *table,
			     uint64_t hash)
{
	struct rules *r = atomic_load_explicit(bucket(s, hash), memory_order_acquire);

	while (r && (r->hash != hash || !rules_are(r, table)))
		r = r->next;
	return r;
}

/* Puts r where look_up() finds it; false if there is no more room. Of two threads that
 * compiled the same table each keeps its own: equal ones do no harm. */
static bool cache(struct state *s, struct rules *r)
{
	_Atomic(struct rules *) *at = bucket(s, r->hash);

	pthread_mutex_lock(&s->lock);
	bool room = s->cached < CACHE_MAX;
	if (room) {
		s->cached++;
		r->next = atomic_load_explicit(at, memory_order_relaxed);
		atomic_store_explicit(at, r, memory_order_release);
	}
	pthread_mutex_unlock(&s->lock);
	return room;
}

static void drop_rules(void *r)
{
	rules_free(r);
}

static int compile(void *self, cruet_app *app, const cruet_field_rule *table)
{
	const struct asker who = {.self = self, .app = app};
	struct state *s = self;
	char why[WHY_MAX];

	if (!table)
		return cruet_reject(app, "cruet_validate_rules: expected a table");
	struct rules *r = look_up(s, table, rules_hash(table));
	if (r) /* of an application before this one, it may be */
		return rules_added(r, &who, NULL, why) ? CRUET_OK
						       : cruet_reject(app, "validate: %s", why);
	r = rules_compile(&who, table, why);
	if (!r)
		return cruet_reject(app, "validate: %s", why);
	if (!cache(s, r))
		rules_free(r);
	return CRUET_OK;
}

/* The table compiled: kept, or for this request alone. */
static int rules_for(struct state *s, cruet_ctx *c, const cruet_field_rule *table,
		     const struct rules **out)
{
	char why[WHY_MAX];

	if (!table)
		return cruet_raise(c, &bad_table, "validate: expected a table of rules");
	struct rules *r = look_up(s, table, rules_hash(table));
	*out = r;
	if (r)
		return CRUET_OK;
	const struct asker who = {.self = s, .c = c};
	*out = r = rules_compile(&who, table, why);
	if (!r)
		return cruet_raise(c, &bad_table, "validate: %s", why);
	return cache(s, r) ? CRUET_OK : cruet_defer(c, drop_rules, r);
}

/* --- checking --------------------------------------------------------------------- */

/* Reads what from says; *from becomes what it turned out to be. */
static int read_input(cruet_ctx *c, uint32_t *from, const struct rules *rules,
		      const cruet_json **out)
{
	if (*from == CRUET_FROM_BODY)
		*from = cruet_is_json(c) ? (uint32_t)CRUET_FROM_JSON
					 : (uint32_t)CRUET_FROM_FORM;
	switch (*from) {
	case CRUET_FROM_JSON:
		*out = cruet_body_json(c);
		break;
	case CRUET_FROM_QUERY:
	case CRUET_FROM_FORM:
	case CRUET_FROM_COOKIES:
	case CRUET_FROM_ARGS:
		*out = input_of_pairs(c, (int)*from, rules);
		break;
	default:
		return cruet_raise(
			c, &bad_table,
			"validate: from is %" PRIu32
			": expected one of CRUET_FROM_JSON, _BODY, _FORM, _QUERY, "
			"_COOKIES and _ARGS",
			*from);
	}
	if (*out)
		return CRUET_OK;
	int err = cruet_err(c);
	return err ? err : CRUET_ENOMEM;
}

static int find_added(struct run *r)
{
	char why[WHY_MAX];

	if (!r->rules->nadded)
		return CRUET_OK;
	r->added = cruet_alloc(r->c, r->rules->nadded * sizeof(cruet_validate_added *));
	if (!r->added)
		return CRUET_ENOMEM;
	return rules_added(r->rules, &r->who, r->added, why)
		       ? CRUET_OK
		       : cruet_raise(r->c, &bad_table, "validate: %s", why);
}

static int check_labelled(void *self, cruet_ctx *c, int from, const cruet_json *json,
			  const cruet_field_rule *table, const char *const *labels,
			  struct cruet_valid *out)
{
	struct state *s = self;
	uint32_t source = (uint32_t)from & ~(uint32_t)CRUET_FIRST_ERROR;
	struct run *r = cruet_alloc(c, sizeof *r);

	if (!r)
		return CRUET_ENOMEM;
	*r = (struct run){.s = s,
			  .who = {.self = self, .c = c},
			  .c = c,
			  .input = json,
			  .table = table,
			  .labels = labels};
	r->first_error = ((uint32_t)from & CRUET_FIRST_ERROR) != 0;
	int err = rules_for(s, c, table, &r->rules);
	if (!err)
		err = find_added(r);
	if (!err && source)
		err = read_input(c, &source, r->rules, &r->input);
	out->from = source;
	return err ? err : engine_check(r, out);
}

static int check(void *self, cruet_ctx *c, int from, const cruet_json *json,
		 const cruet_field_rule *table, struct cruet_valid *out)
{
	return check_labelled(self, c, from, json, table, NULL, out);
}

static int text(void *self, cruet_ctx *c, const char *rule, const char *field,
		const char *label, const char *value, const char **out)
{
	const struct asker who = {.self = self, .c = c};
	bool known;

	*out = message_text(&who, rule, field, label, value, &known);
	if (!known)
		return cruet_raise(c, &bad_table, "cruet_validate_text: unknown rule \"%s\"", rule);
	return *out ? CRUET_OK : CRUET_ENOMEM;
}

static int each(void *self, cruet_ctx *c, const cruet_field_rule *table,
		cruet_rule_seen_fn *fn, void *arg)
{
	const struct rules *rules;
	int err = rules_for(self, c, table, &rules);

	for (size_t i = 0; !err && i < rules->nfields; i++) {
		const struct field *f = &rules->fields[i];
		for (size_t j = 0; !err && j < f->nrules; j++) {
			const struct rule *r = &f->rules[j];
			const cruet_rule_seen seen = {
				.size = sizeof seen,
				.nparams = (uint32_t)r->nparams,
				.field = f->path.text,
				.name = r->name,
				.params = r->texts,
				.flagged = r->pattern_options != 0};
			err = fn(&seen, arg);
		}
	}
	return err;
}

/* --- ladder ----------------------------------------------------------------------- */

static const cruet_validator service = {
	.size = sizeof service,
	.compile = compile,
	.add = may_add_rule,
	.message = may_add_message,
	.label = may_add_label,
	.check = check,
	.each = each,
	.check_labelled = check_labelled,
	.text = text,
};

static void fini(cruet_app *app)
{
	struct state *s = cruet_state(app);

	for (size_t i = 0; i < CACHE_BUCKETS; i++) {
		struct rules *r = atomic_load_explicit(&s->cache[i],
						       memory_order_relaxed),
			     *next;
		for (; r; r = next) {
			next = r->next;
			rules_free(r);
		}
	}
	if (s->letters)
		freelocale(s->letters);
	pthread_mutex_destroy(&s->lock);
}

static int init(cruet_app *app)
{
	struct state *s = cruet_state(app);

	s->cfg = cruet_config(app);
	s->letters = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	pthread_mutex_init(&s->lock, NULL);
	int err = cruet_on_kind(app, &cruet_invalid_kind, cruet_invalid_reply);
	if (!err)
		err = cruet_provide(app, CRUET_VALIDATE, &service, s);
	if (err)
		fini(app);
	return err;
}

static const cruet_option options[] = {
	CRUET_OPTION(
		struct config, max_fields, INT, .def = "100000",
		.flags = CRUET_OPT_BOUNDS, .min = 1, .max = 10 * 1000 * 1000,
		.help = "the most values that one check looks at, from 1 to 10000000"),
	CRUET_OPTION(
		struct config, max_errors, INT, .def = "1000", .flags = CRUET_OPT_BOUNDS,
		.min = 1, .max = 100 * 1000,
		.help = "the most errors of one check, from 1 to 100000; it ends there"),
	{.name = NULL}};

static const char *const provides[] = {CRUET_VALIDATE, NULL};

CRUET_PLUGIN(validate, .version = "0.1.0", .summary = "input against tables of rules",
	     .flags = CRUET_UNLOADABLE | CRUET_REPEATABLE, .provides = provides,
	     .options = options, .config_size = sizeof(struct config),
	     .state_size = sizeof(struct state), .init = init, .fini = fini);
