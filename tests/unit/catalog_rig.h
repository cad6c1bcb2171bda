/* What the tests of the catalogue share: a fresh one for each case, and what
 * it makes of an event. */
#ifndef TELLTALE_CATALOG_RIG_H
#define TELLTALE_CATALOG_RIG_H

#include "event/catalog.h"

/* The catalogue of the case, and where the texts of its events lie. */
extern struct catalog *catalog;
extern struct arena catalog_arena;

/* For cmocka: the built-in catalogue; the texts of before are gone. */
int catalog_setup(void **state);
int catalog_teardown(void **state);
#define CATALOG_CASE(test)                                                    \
    cmocka_unit_test_setup_teardown(test, catalog_setup, catalog_teardown)

/* What the catalogue makes of an event with these properties; NULL: without
 * any. What is not JSON fails the case. */
struct event apply_catalog(const char *name, const char *json);

#endif
