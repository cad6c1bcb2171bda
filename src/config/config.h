/* Settings: flags > environment (TELLTALE_*) > file > default, all from one
 * table, options.def. Unknown keys and bad values are errors with file and
 * line. Sections that are lists of their own ([mirror NAME], [rule NAME],
 * [keys], [payload], [areas]) are kept as they are and handed out on
 * request. */
#ifndef TELLTALE_CONFIG_H
#define TELLTALE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct config;

enum option_id {
#define OPTION(id, ...) OPTION_##id,
#include "config/options.def"
#undef OPTION
    OPTION_COUNT
};

/* Reads the file (default $XDG_CONFIG_HOME/telltale/config.ini; a missing
 * default file is fine, a missing --config is not), environment and flags.
 * *argc and argv lose what was taken: what is left are the command's own
 * words, unknown flags among them; "--" ends the flags and stays. Secrets of
 * the environment are unset there. NULL with err; *exit_code says 2 or 3. */
struct config *config_load(int *argc, char **argv, int *exit_code,
                           struct err *err);
/* Only a file's text, over the defaults; name is what errors call it. */
struct config *config_read(const char *name, const char *text, size_t len,
                           struct err *err);
void config_free(struct config *config);

/* Sets one option as a flag would; origin is what config_origin() says then.
 * False with err when it cannot take the text. */
bool config_set(struct config *config, enum option_id id, const char *text,
                const char *origin, struct err *err);

/* Typed values; asking for the wrong type ends the program (a bug). Strings
 * live as long as the config; NULL when unset and without a default.
 * Lengths of time are milliseconds, sizes bytes. */
const char *config_text(const struct config *config, enum option_id id);
int64_t config_number(const struct config *config, enum option_id id);
bool config_flag(const struct config *config, enum option_id id);
/* NULL-terminated words of a list option; NULL when unset. */
const char *const *config_list(const struct config *config, enum option_id id);
/* Any option but secrets by its file key, as text ("" when unset, NULL: no
 * such key). */
const char *config_by_name(const struct config *config, const char *name);
/* "config.ini:12", "--listen", "TELLTALE_LISTEN" or "default". */
const char *config_origin(const struct config *config, enum option_id id);
/* True when nobody set it. */
bool config_is_default(const struct config *config, enum option_id id);

/* A file that a setting names, from where the setting stands ("config.ini:7"):
 * beside config.ini unless the name is absolute or begins with "~". The
 * caller frees it. */
char *config_beside(const char *where, const char *name);
/* Sections of the file with a name of their own: "mirror" gives every
 * [mirror NAME]. each gets name, key, value, "file:line"; a value it cannot
 * take makes it return false with err, which config_section passes on. */
typedef bool config_each(void *ctx, const char *name, const char *key,
                         const char *value, const char *where,
                         struct err *err);
bool config_section(const struct config *config, const char *section,
                    config_each *each, void *ctx, struct err *err);

/* $XDG_CONFIG_HOME/telltale/name, a relative $XDG_CONFIG_HOME ignored. The
 * caller frees; NULL when there is no home directory at all. */
char *config_dir_file(const char *name);

/* Appends the options part of --help, generated from the table, but for those
 * of which is_said(ctx) says that it was said; NULL: of none. */
struct buf;
void config_help(struct buf *out,
                 bool (*is_said)(const void *ctx, enum option_id id),
                 const void *ctx);
/* The flag that word ("--plian") was probably meant to be; NULL: none is
 * near. Valid for ever. */
const char *config_nearest_flag(const char *word);
/* Names of TELLTALE_ variables in the environment that mean nothing to us,
 * blanks between; appends nothing when all is well. */
void config_unknown_environment(struct buf *out);

/* Writes a file by temporary file and rename, mode 0600. What root writes
 * belongs to whom the directory belongs to. */
bool config_write_file(const char *path, const char *text, size_t len,
                       struct err *err);

#endif
