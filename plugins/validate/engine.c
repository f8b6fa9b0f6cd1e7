/* One check. Rows are taken in their order; each is walked down the input to the values
 * that it stands for, and each value meets the rules of its row one by one. */
#include <stdlib.h>

#include "run.h"

struct walk {
	struct run *run;
	struct attr attr;
	struct place places[STEPS_MAX]; /* the containers on the way */
	size_t nplaces;
	size_t index; /* of the value in the last of them */
};

/* --- errors ----------------------------------------------------------------------- */

static int add_error(struct run *r, const struct attempt *a)
{
	const char *name = attr_name(r->c, a->attr), *text = message_of(a);

	if (!r->errors)
		r->errors = cruet_object(r->c);
	if (!name || !text || !r->errors)
		return CRUET_ENOMEM;
	/* The object is ours; reading gives it as one that is not to be changed. */
	cruet_json *list = (cruet_json *)cruet_json_get(r->errors, name);
	if (!list)
		list = cruet_put_array(r->errors, name);
	cruet_push_str(list, text);
	if (!cruet_json_first(list))
		return CRUET_ENOMEM;
	r->nerrors++;
	return CRUET_OK;
}

static bool enough(const struct run *r)
{
	return r->nerrors &&
	       (r->first_error || r->nerrors >= (size_t)r->s->cfg->max_errors);
}

/* --- the rules of one value ------------------------------------------------------- */

static bool applies(const struct rule_def *d, const struct attr *at)
{
	if (d->flags & MODIFIER)
		return false;
	if (!at->value && at->field->sometimes)
		return (d->flags & EXCLUDES) != 0;
	if (d->flags & (IMPLICIT | EXCLUDES))
		return true;
	if (!at->value || is_blank(at->value))
		return false;
	return !at->field->nullable || cruet_json_kind(at->value) != CRUET_JSON_NULL;
}

/* CRUET_OK, MISFIT if there is an error, or what fails the request. */
static int try_rules(struct run *r, struct attr *at, bool *excluded)
{
	const struct field *f = at->field;
	int result = CRUET_OK;

	for (size_t i = 0; i < f->nrules && !enough(r); i++) {
		const struct rule *rule = &f->rules[i];
		struct attempt a = {r, at, rule, at->value, 0};
		if (!applies(rule->def, at))
			continue;
		int err = rule->def->test(&a);
		if (err == CRUET_OK)
			continue;
		if (err != MISFIT)
			return err;
		if (rule->def->flags & EXCLUDES) {
			*excluded = true;
			return attr_exclude(r, at);
		}
		err = add_error(r, &a);
		if (err)
			return err;
		result = MISFIT;
		/* What is not there cannot be too short as well. */
		if (f->bail || (rule->def->flags & IMPLICIT))
			break;
	}
	return result;
}

static int check_value(struct walk *w, const cruet_json *value)
{
	struct run *r = w->run;
	bool excluded = false;

	w->attr.value = value;
	w->attr.name = NULL;
	if (attr_excluded(r, w->attr.field->above, &w->attr))
		return CRUET_OK;
	if (++r->nattrs > (size_t)r->s->cfg->max_fields)
		return cruet_fail(r->c, 413,
				  "the input has more than %lld values to check",
				  (long long)r->s->cfg->max_fields);
	int err = try_rules(r, &w->attr, &excluded);
	if (err == MISFIT)
		w->attr.value = NULL; /* not given, but what it is a part of may be */
	else if (err || excluded)
		return err;
	return output_put(r, w->places, w->nplaces, &w->attr, w->index);
}

/* --- the values of a row ---------------------------------------------------------- */

static bool star_below(const struct path *p, size_t i)
{
	while (i < p->n && p->steps[i])
		i++;
	return i < p->n;
}

static int visit(struct walk *w, size_t i, size_t stars, const cruet_json *at);

static int visit_all(struct walk *w, size_t i, size_t stars, const cruet_json *at)
{
	size_t index = 0;
	int err = CRUET_OK;

	if (!cruet_json_first(at) &&
	    !attr_excluded(w->run, w->attr.field->above, &w->attr)) {
		w->attr.value = NULL; /* an empty list comes out as one */
		return output_put(w->run, w->places, w->nplaces, &w->attr, 0);
	}
	for (at = cruet_json_first(at); at && !err && !enough(w->run);
	     at = cruet_json_next(at)) {
		w->attr.nodes[stars] = at;
		w->attr.index[stars] = w->index = index++;
		w->nplaces = i + 1;
		err = visit(w, i + 1, stars + 1, at);
	}
	return err;
}

/* at is what the first i steps lead to; NULL if there is nothing. */
static int visit(struct walk *w, size_t i, size_t stars, const cruet_json *at)
{
	const struct path *path = &w->attr.field->path;

	if (i == path->n)
		return check_value(w, at);
	if (!is_container(at))
		return star_below(path, i) ? CRUET_OK : check_value(w, NULL);
	w->places[i] = (struct place){at, w->index};
	w->nplaces = i + 1;
	if (!path->steps[i])
		return visit_all(w, i, stars, at);
	/* What an array finds by name has its index for a name. */
	w->index = strtoul(path->steps[i], NULL, 10);
	return visit(w, i + 1, stars, member(w->run, at, path->steps[i]));
}

static int check_rows(struct run *r)
{
	int err = CRUET_OK;

	for (size_t i = 0; i < r->rules->nfields && !err && !enough(r); i++) {
		struct walk w = {.run = r, .attr.field = &r->rules->fields[i]};
		err = visit(&w, 0, 0, r->input);
	}
	return err;
}

int engine_check(struct run *r, struct cruet_valid *out)
{
	bool clean = !cruet_err(r->c);

	if (r->rules->nslots) {
		r->sets =
			cruet_alloc(r->c, r->rules->nslots * sizeof(struct value_set *));
		if (!r->sets)
			return CRUET_ENOMEM;
	}
	r->now_ms = cruet_now(cruet_scope(r->c));
	int err = output_begin(r, out);
	if (!err)
		err = check_rows(r);
	/* Memory that ran out in a rule has failed the request already. */
	if (!err && clean)
		err = cruet_err(r->c);
	out->input = r->input;
	out->errors = r->errors;
	return err;
}
