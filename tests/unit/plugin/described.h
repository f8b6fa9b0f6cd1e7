/* An image of a plugin, for tests to change. */
#ifndef TESTS_UNIT_PLUGIN_DESCRIBED_H
#define TESTS_UNIT_PLUGIN_DESCRIBED_H

#include "image.h"

/* A descriptor "pages" with something in every member. Its room is larger than it is,
 * for those who make it grow. Addresses of it and of its options. */
void describe(struct image *im, uint64_t *descriptor, uint64_t *options_of_it);

#endif
