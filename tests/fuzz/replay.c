/* Runs a fuzz target over files and folders of files: the seeds, and what was found
 * before. */
#include <dirent.h>
#include <sys/stat.h>

#include "fuzz.h"

static size_t inputs;

static void run_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	struct stat st;

	CHECK(f && !fstat(fileno(f), &st));
	size_t size = (size_t)st.st_size;
	uint8_t *data = malloc(size ? size : 1);
	CHECK(data && fread(data, 1, size, f) == size);
	fclose(f);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	inputs++;
}

static void run_folder(DIR *d, const char *path)
{
	char name[4096];

	for (struct dirent *e; (e = readdir(d));) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(name, sizeof name, "%s/%s", path, e->d_name);
		run_file(name);
	}
}

int main(int argc, char **argv)
{
	LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
	for (int i = 1; i < argc; i++) {
		DIR *d = opendir(argv[i]);
		if (d) {
			run_folder(d, argv[i]);
			closedir(d);
		} else {
			run_file(argv[i]);
		}
	}
	printf("%zu inputs\n", inputs);
	return !inputs;
}
