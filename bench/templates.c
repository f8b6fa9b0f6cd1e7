/* What rendering one template costs: bench_templates FOLDER NAME DATA SECONDS prints CPU time
 * of one rendering and the length of its text, as JSON. The context is read beforehand. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine.h"
#include "folder.h"

static double cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static cJSON *read_json(const char *path)
{
	static char text[4 << 20];
	FILE *f = fopen(path, "rb");
	size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;

	if (f)
		fclose(f);
	text[n] = 0;
	return cJSON_Parse(text);
}

int main(int argc, char **argv)
{
	struct engine_options o;
	struct complaint why = {.what = "usage: bench_templates FOLDER NAME DATA SECONDS"};
	struct folder folder = {.fd = -1};
	const struct template *t = NULL;
	size_t rounds = 0, len = 0;

	engine_defaults(&o);
	struct engine *e = engine_new(&o);
	cJSON *data = argc == 5 ? read_json(argv[3]) : NULL;
	const cruet_template_vars vars = {.size = sizeof vars, .json = data};
	if (e && data && !folder_open(&folder, argv[1]) &&
	    engine_add_loader(e, folder_load, folder_fresh, &folder))
		t = engine_get(e, NULL, argv[2], &why);
	double began = cpu_ns(), limit = argc == 5 ? atof(argv[4]) * 1e9 : 0;
	for (; t && cpu_ns() - began < limit; rounds++) {
		struct out out;
		if (!engine_render(e, NULL, t, &vars, &out, &why))
			t = NULL;
		len = out.len;
		out_fini(&out);
	}
	if (rounds && t)
		printf("{\"ns\": %.0f, \"bytes\": %zu}\n", (cpu_ns() - began) / (double)rounds, len);
	else
		fprintf(stderr, "bench_templates: %s\n", why.what);
	engine_free(e);
	folder_close(&folder);
	cJSON_Delete(data);
	return !rounds || !t;
}
