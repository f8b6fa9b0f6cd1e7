/* What a proxy may send as its header. However it is cut, the same is found out. */
#include "fuzz.h"

#include "proxy.h"

/* Bytes in memory of their exact size, so that a look too far is seen. */
static unsigned char *exactly(const uint8_t *data, size_t n)
{
	unsigned char *copy = malloc(n ? n : 1);

	CHECK(copy);
	if (n)
		memcpy(copy, data, n);
	return copy;
}

static ptrdiff_t size_of(const uint8_t *data, size_t n, const char **why)
{
	unsigned char *copy = exactly(data, n);
	ptrdiff_t size = proxy_size(copy, n, why);

	CHECK((size < 0) == (*why != NULL));
	CHECK(size <= 0 || n >= PROXY_HEAD);
	CHECK(size <= PROXY_MAX && (size <= 0 || size >= PROXY_HEAD));
	free(copy);
	return size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sockaddr_storage from;
	const char *why;
	ptrdiff_t told = size_of(data, size, &why), early = 0;

	for (size_t n = 0; n < size && n < PROXY_HEAD && early >= 0; n++)
		early = size_of(data, n, &why);
	CHECK(early <= 0 && (early >= 0 || told < 0));
	if (told <= 0 || (size_t)told > size)
		return 0;
	unsigned char *copy = exactly(data, (size_t)told);
	int err = proxy_read(copy, (size_t)told, &from, &why);
	CHECK(!err == !why);
	CHECK(err || from.ss_family == AF_UNSPEC || from.ss_family == AF_INET ||
	      from.ss_family == AF_INET6 || from.ss_family == AF_UNIX);
	free(copy);
	return 0;
}
