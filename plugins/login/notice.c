#include "notice.h"

bool notice_due(struct notice *n, int64_t now, int64_t *times)
{
	int64_t told = atomic_load(&n->told);

	atomic_fetch_add(&n->more, 1);
	if (told && now >= told && now - told < NOTICE_EVERY)
		return false;
	if (!atomic_compare_exchange_strong(&n->told, &told, now))
		return false; /* another thread tells it */
	*times = atomic_exchange(&n->more, 0);
	return true;
}
