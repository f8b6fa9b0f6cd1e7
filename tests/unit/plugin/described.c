#include "described.h"

#include "cruet/plugin.h"

static const unsigned char object = ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT);

#define AT(member)	  (at + offsetof(cruet_plugin, member))
#define OPTION(i, member) (table + (i) * sizeof(cruet_option) + offsetof(cruet_option, member))

static uint64_t list(struct image *im, const char *const *texts)
{
	size_t n = 0;
	while (texts[n])
		n++;
	uint64_t to = image_data(im, NULL, (n + 1) * 8);
	for (size_t i = 0; i < n; i++)
		image_point_text(im, to + i * 8, texts[i]);
	return to;
}

void describe(struct image *im, uint64_t *descriptor, uint64_t *options_of_it)
{
	static const char *const needs[] = {"db/1", "log/1?", NULL};
	static const char *const provides[] = {"pages/2", NULL};
	static const char *const after[] = {"cache", NULL};
	const cruet_plugin p = {.size = sizeof p,
				.abi = CRUET_PLUGIN_ABI,
				.option_size = sizeof(cruet_option),
				.flags = CRUET_REPEATABLE,
				.config_size = 24,
				.state_size = 48};
	const cruet_option options[3] = {
		{.type = CRUET_OPT_INT, .offset = 0, .flags = CRUET_OPT_BOUNDS, .min = 1, .max = 9},
		{.type = CRUET_OPT_ENUM, .offset = 8}};

	image_segment(im, 0)->p_flags |= PF_X;
	const uint64_t at = image_data(im, NULL, sizeof p + 64);
	image_put(im, at, &p, sizeof p);
	const uint64_t table = image_data(im, options, sizeof options);
	image_symbol(im, "cruet_plugin_pages", at, true, object);
	image_rela(im, AT(core), ABSOLUTE, image_symbol(im, "cruet_core_id", 0, false, object), 0);
	image_point_text(im, AT(name), "pages");
	image_point_text(im, AT(version), "1.2.3");
	image_point_text(im, AT(summary), "Shows pages");
	image_point(im, AT(needs), list(im, needs));
	image_point(im, AT(provides), list(im, provides));
	image_point(im, AT(after), list(im, after));
	image_point(im, AT(options), table);
	image_point(im, AT(init), BASE + 0x80);
	image_point(im, AT(migrate), BASE + 0x90);
	image_rela(im, AT(stop), ABSOLUTE, image_symbol(im, "cruet_stop_it", 0, false, object), 0);
	image_point_text(im, OPTION(0, name), "slots");
	image_point_text(im, OPTION(0, def), "4");
	image_point_text(im, OPTION(0, help), "slots, 1 to 9");
	image_point_text(im, OPTION(1, name), "mode");
	image_point_text(im, OPTION(1, choices), "fast|slow");
	image_dynamic(im, DT_NEEDED, image_string(im, "libcruet.so.0"));
	image_dynamic(im, DT_NEEDED, image_string(im, "libc.so.6"));
	*descriptor = at;
	*options_of_it = table;
}
