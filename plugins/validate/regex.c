/* Regular expressions that end. PCRE2's own limit counts for each place where a match
 * may begin, and so lets a long text multiply it. Here a callout before every item of
 * the pattern counts, for all of a check: one step, and as many as the text moved on
 * since. What is over the limit matches in no case. */
#include "run.h"

enum {
	STEPS_PER_CHECK = 5 * 1000 * 1000,
	HEAP_KIB = 4096,
	GAVE_UP = -1000 /* no code of PCRE2 */
};

static int count(pcre2_callout_block *b, void *arg)
{
	struct run *r = arg;
	size_t now = b->current_position;

	r->steps += 1 + (now > r->at ? now - r->at : r->at - now);
	r->at = now;
	return r->steps > STEPS_PER_CHECK ? GAVE_UP : 0;
}

static void free_context(void *p)
{
	pcre2_match_context_free(p);
}

static void free_data(void *p)
{
	pcre2_match_data_free(p);
}

static bool ready(struct run *r)
{
	if (r->match)
		return true;
	pcre2_match_context *limits = pcre2_match_context_create(NULL);
	if (!limits || cruet_defer(r->c, free_context, limits))
		return false;
	pcre2_set_heap_limit(limits, HEAP_KIB);
	pcre2_set_callout(limits, count, r);
	pcre2_match_data *match = pcre2_match_data_create(1, NULL);
	if (!match || cruet_defer(r->c, free_data, match))
		return false;
	r->limits = limits;
	r->match = match;
	return true;
}

int matches(const struct attempt *a, const char *text, bool *found)
{
	struct run *r = a->run;

	if (!ready(r))
		return CRUET_ENOMEM;
	r->at = 0;
	int n = pcre2_match(a->rule->regex, (PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, 0, 0,
			    r->match, r->limits);
	*found = n >= 0;
	if (n >= 0 || n == PCRE2_ERROR_NOMATCH)
		return CRUET_OK;
	if (n == PCRE2_ERROR_NOMEMORY)
		return CRUET_ENOMEM;
	cruet_note(r->c, CRUET_WARN,
		   "validate: field \"%s\": rule %s gave up on a text of %zu characters "
		   "(%d)",
		   a->attr->field->path.text, a->rule->def->name, code_points(text), n);
	return MISFIT;
}
