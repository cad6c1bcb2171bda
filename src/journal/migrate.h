/* Journals of earlier versions become the present one when an owner opens
 * them. A journal of every version that ever was is in
 * tests/fixtures/journals, and is opened by tests/unit/migrate_test. */
#ifndef TELLTALE_MIGRATE_H
#define TELLTALE_MIGRATE_H

#include <stdbool.h>

#include <sqlite3.h>

#include "base/err.h"

/* What 001.sql makes is version 1; each step of migrate.c is one more. */
#define SCHEMA_VERSION 3

/* In one transaction: all steps that are missing, or none. */
bool migrate(sqlite3 *db, struct err *err);

#endif
