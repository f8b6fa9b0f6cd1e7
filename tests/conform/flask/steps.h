/* The steps, each by its name in the vector file; what they return is what a handler
 * would. v is what the step was given. */
#ifndef CONFORM_FLASK_STEPS_H
#define CONFORM_FLASK_STEPS_H

#include "driver.h"

/* --- step_keep.c */

/* Runs these steps when this request has its reply. */
int step_after_this(cruet_ctx *c, const struct doing *d, const cJSON *steps);
int step_g_set(cruet_ctx *c, const cJSON *v);
int step_session_set(cruet_ctx *c, const cJSON *v);
int step_flash(cruet_ctx *c, const cJSON *v);
int step_flashes(cruet_ctx *c, const cJSON *v);

/* --- step_reply.c */

bool step_changes_reply(const char *step);
int step_change_reply(cruet_ctx *c, const char *step, const cJSON *v);
int step_reply(cruet_ctx *c, const cJSON *v);
int step_reply_text(cruet_ctx *c, const char *text); /* a text as JSON; NULL: null */
int step_reply_json(cruet_ctx *c, const cJSON *v);
int step_get_json(cruet_ctx *c, const cJSON *v);
/* value as JSON, or 400 where it is missing. */
int step_required(cruet_ctx *c, const char *value, const char *name);
int step_arg_typed(cruet_ctx *c, const cJSON *v);
int step_accept_best(cruet_ctx *c, const cJSON *v);
int step_abort(cruet_ctx *c, const cJSON *v);
int step_raise(cruet_ctx *c, const struct doing *d, const char *name);

/* --- step_send.c */

int step_url_for(cruet_ctx *c, const cJSON *v);
int step_redirect(cruet_ctx *c, const cJSON *v);
int step_send_from(cruet_ctx *c, const struct doing *d, const cJSON *v);
int step_send_file(cruet_ctx *c, const struct doing *d, const cJSON *v);
int step_conditional(cruet_ctx *c, const cJSON *v);
int step_stream(cruet_ctx *c, const struct doing *d, const cJSON *v);

#endif
