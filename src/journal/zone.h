/* The time zone whose days a journal counts by. A process has one zone: the
 * journal's. */
#ifndef TELLTALE_ZONE_H
#define TELLTALE_ZONE_H

/* The name of the process's zone, as TZ takes it; the caller frees it. */
char *zone_name(void);
/* Makes zone the process's own. Call while there is one thread. */
void zone_adopt(const char *zone);

#endif
