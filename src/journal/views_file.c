/* Reads the file line by line. */
#include "journal/views_file.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/limits.h"

#include "base/banned.h"

char *views_path(const char *journal)
{
    struct buf path;

    buf_init(&path, 8 * KIB);
    buf_addf(&path, "%s.views", journal);
    return buf_take(&path);
}

/* False: it is none. */
static bool read_line(char *line, struct views_line *out)
{
    char *seq = strchr(line, '\t');
    char *name = seq ? strchr(seq + 1, '\t') : NULL;
    char *query = name ? strchr(name + 1, '\t') : NULL;

    if (!query)
        return false;
    *seq = *name = *query = '\0';
    *out = (struct views_line){.has_pane = !strcmp(line, "pane"),
                               .read_seq = strtoull(seq + 1, NULL, 10),
                               .name = name + 1,
                               .query = query + 1};
    return true;
}

void views_each(const char *path,
                void (*each)(void *ctx, const struct views_line *line),
                void *ctx)
{
    struct views_line view;
    struct err err;
    size_t len;
    char *text = file_slurp(path, LIMIT_VIEWS_FILE, &len, &err), *rest = NULL;

    for (char *line = text ? strtok_r(text, "\n", &rest) : NULL; line;
         line = strtok_r(NULL, "\n", &rest))
        if (read_line(line, &view))
            each(ctx, &view);
    free(text);
}
