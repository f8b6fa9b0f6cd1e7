/* Ids that people can read out to each other: "K-1", "K-2". They are told apart within
 * one process alone, so several processes get a series each. */
#include <cruet.h>
#include <cruet/svc/id.h>
#include <inttypes.h>
#include <stdatomic.h>

struct config {
	const char *series;
};

struct state {
	const struct config *cfg;
	atomic_uint_least64_t last;
};

static int make(void *self, cruet_ctx *c, const char **id)
{
	struct state *s = self;
	uint64_t n = atomic_fetch_add_explicit(&s->last, 1, memory_order_relaxed) + 1;

	*id = cruet_printf(c, "%s-%" PRIu64, s->cfg->series, n);
	return *id ? CRUET_OK : CRUET_ENOMEM;
}

static const cruet_id_maker maker = {.size = sizeof maker, .make = make};

static int init(cruet_app *app)
{
	struct state *s = cruet_state(app);

	s->cfg = cruet_config(app);
	return cruet_provide(app, CRUET_ID, &maker, s);
}

static const cruet_option options[] = {CRUET_OPTION(struct config, series, STR,
						    .def = "K",
						    .help = "letters and digits"),
				       {.name = NULL}};

CRUET_PLUGIN(short_ids, .version = "1.0.0", .summary = "ids that people can read out",
	     .flags = CRUET_UNLOADABLE, .provides = (const char *const[]){CRUET_ID, NULL},
	     .options = options, .config_size = sizeof(struct config),
	     .state_size = sizeof(struct state), .init = init);
