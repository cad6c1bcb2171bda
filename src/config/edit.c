/* Edits settings files line by line. It does not judge values: reading the
 * file afterwards does. */
#include "config/edit.h"

#include <string.h>

#include "base/limits.h"
#include "config/option.h"
#include "base/banned.h"

#define WRAP 100

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* "[posthog]", and lines before the first section are [main]. */
static bool opens_section(const char *line, size_t len, const char *section)
{
    size_t size = strlen(section);

    return len > size + 1 && line[0] == '[' &&
           !strncmp(line + 1, section, size) && line[size + 1] == ']';
}

static bool has_key(const char *line, size_t len, const char *key)
{
    size_t size = strlen(key);

    if (len <= size)
        return false;
    for (size_t i = 0; i < size; i++)
        if (line[i] != key[i] && !(line[i] == '-' && key[i] == '_') &&
            !(line[i] == '_' && key[i] == '-'))
            return false;
    while (size < len && is_blank(line[size]))
        size++;
    return size < len && line[size] == '=';
}

/* "key = value", long values going on in indented lines. */
static void add_line(struct buf *out, const char *key, const char *value)
{
    size_t column = strlen(key) + 3;

    buf_addf(out, "%s =", key);
    while (*(value += strspn(value, " \t\n"))) {
        size_t len = strcspn(value, " \t\n");

        if (column + len + 1 > WRAP) {
            buf_adds(out, "\n ");
            column = 1;
        }
        buf_addc(out, ' ');
        buf_add(out, value, len);
        column += len + 1;
        value += len;
    }
    buf_addc(out, '\n');
}

static size_t line_len(const char *line)
{
    size_t len = strcspn(line, "\n");

    return len + (line[len] == '\n');
}

/* Behind the section's header; at the end, with one, when there is none. */
static void add_setting(struct buf *out, const struct option *option,
                        const char *text, const char *value)
{
    bool main = !strcmp(option->section, "main"), done = false;

    if (main && *text != '[') {
        add_line(out, option->key, value);
        done = true;
    }
    for (size_t len; *text; text += len) {
        len = line_len(text);
        buf_add(out, text, len);
        if (text[len - 1] != '\n')
            buf_addc(out, '\n');
        if (!done && opens_section(text, len, option->section)) {
            add_line(out, option->key, value);
            done = true;
        }
    }
    if (!done) {
        buf_addf(out, "%s[%s]\n", out->len ? "\n" : "", option->section);
        add_line(out, option->key, value);
    }
}

/* Copies text with the setting's lines replaced; false: it is not there. */
static bool replace_setting(struct buf *out, const struct option *option,
                            const char *text, const char *value)
{
    bool inside = !strcmp(option->section, "main"), done = false;
    bool dropping = false;

    for (size_t len; *text; text += len) {
        len = line_len(text);
        if (dropping && is_blank(*text))
            continue;
        dropping = false;
        if (*text == '[')
            inside = opens_section(text, len, option->section);
        if (!inside || !has_key(text, len, option->key)) {
            buf_add(out, text, len);
            continue;
        }
        dropping = true;
        if (!done)
            add_line(out, option->key, value);
        done = true;
    }
    return done;
}

void edit_setting(struct buf *text, enum option_id id, const char *value)
{
    const struct option *option = &options[id];
    struct buf out;

    buf_init(&out, LIMIT_CONFIG_FILE);
    if (!replace_setting(&out, option, text->data, value)) {
        buf_clear(&out);
        add_setting(&out, option, text->data, value);
    }
    buf_clear(text);
    buf_add(text, out.data, out.len);
    buf_free(&out);
}

void edit_put(struct buf *text, const struct config *config, enum option_id id,
              bool *changed)
{
    const char *value = config_text(config, id);
    struct config *file = config_read("", text->data, text->len, NULL);
    const char *now = file ? config_text(file, id) : NULL;

    if (value && (!now || strcmp(now, value) != 0)) {
        edit_setting(text, id, value);
        *changed = true;
    }
    config_free(file);
}
