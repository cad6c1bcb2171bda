/* Views that name somebody, taken out of their file line by line; what is no
 * view stays as it is unless it names them. */
#include "journal/forget_views.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "config/path.h"
#include "journal/views_file.h"

#include "base/banned.h"

static bool finds(const struct traces *traces, const char *text, size_t len)
{
    return traces_find(traces, text, len, true);
}

/* In a regular expression an address has its dots escaped. */
static bool finds_unescaped(const struct traces *traces, const char *text,
                            size_t len)
{
    char *plain = xmalloc(len + 1);
    size_t used = 0;
    bool found;

    for (size_t i = 0; i < len; i++)
        if (text[i] != '\\')
            plain[used++] = text[i];
    plain[used] = '\0';
    found = used < len && finds(traces, plain, used);
    free(plain);
    return found;
}

static bool names_them(const struct traces *traces, const char *line,
                       size_t len)
{
    const char *at = line, *end = line + len;

    while (at < end) {
        const char *tab = memchr(at, '\t', (size_t)(end - at));
        size_t part = (size_t)((tab ? tab : end) - at);

        if (finds(traces, at, part) || finds_unescaped(traces, at, part))
            return true;
        at += part + 1;
    }
    return false;
}

static uint64_t keep_others(const struct traces *traces, const char *text,
                            size_t len, struct buf *out)
{
    const char *at = text, *end = text + len;
    uint64_t gone = 0;

    while (at < end) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        const char *next = line_end ? line_end + 1 : end;

        if (names_them(traces, at, (size_t)((line_end ? line_end : end) - at)))
            gone++;
        else
            buf_add(out, at, (size_t)(next - at));
        at = next;
    }
    return gone;
}

static bool forget_in(const char *path, const struct traces *traces,
                      uint64_t *gone, struct err *err)
{
    struct buf kept;
    size_t len;
    char *text = file_slurp(path, LIMIT_VIEWS_FILE, &len, err);
    bool ok;

    if (!text)
        return false;
    buf_init(&kept, LIMIT_VIEWS_FILE + 1);
    buf_adds(&kept, "");
    *gone = keep_others(traces, text, len, &kept);
    ok = !*gone || path_replace(path, kept.data, kept.len) ||
         err_errno(err, "cannot write %s", path);
    buf_free(&kept);
    free(text);
    return ok;
}

bool forget_views(const char *journal, const struct traces *traces,
                  uint64_t *gone, struct err *err)
{
    char *path = views_path(journal);
    bool ok;

    *gone = 0;
    ok = access(path, F_OK) ? errno == ENOENT || err_errno(err, "%s", path)
                            : forget_in(path, traces, gone, err);
    free(path);
    return ok;
}
