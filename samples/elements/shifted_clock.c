/* The application lives at another time than the machine: what happens next week can be
 * looked at today. */
#include <cruet.h>
#include <cruet/svc/clock.h>
#include <time.h>

struct config {
	int64_t shift; /* seconds */
};

static int64_t now(void *self)
{
	const struct config *cfg = self;
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return ((int64_t)t.tv_sec + cfg->shift) * 1000 + t.tv_nsec / 1000000;
}

static const cruet_clock clock_table = {.size = sizeof clock_table, .now = now};

static int init(cruet_app *app)
{
	return cruet_provide(app, CRUET_CLOCK, &clock_table, (void *)cruet_config(app));
}

static const cruet_option options[] = {CRUET_OPTION(struct config, shift, INT, .def = "0",
						    .flags = CRUET_OPT_BOUNDS,
						    .min = -4000000000, .max = 4000000000,
						    .help = "seconds, such as 86400"),
				       {.name = NULL}};

CRUET_PLUGIN(shifted_clock, .version = "1.0.0",
	     .summary = "another time than the machine's", .flags = CRUET_UNLOADABLE,
	     .provides = (const char *const[]){CRUET_CLOCK, NULL}, .options = options,
	     .config_size = sizeof(struct config), .init = init);
