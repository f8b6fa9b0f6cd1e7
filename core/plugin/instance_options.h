/* The options of an instance: from where they come, in which order. */
#ifndef PLUGIN_INSTANCE_OPTIONS_H
#define PLUGIN_INSTANCE_OPTIONS_H

struct attach;
struct instance;

/* Fills in->owner.config: defaults, then the text that code gave, then the
 * configuration. CRUET_OK, or an error recorded as the problem. */
int instance_options(struct instance *in, const struct attach *how);

#endif
