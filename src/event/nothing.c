/* What programs write for a value that is not there, when they make text of
 * it: JavaScript, Python, template engines, people. */
#include "event/nothing.h"

#include <string.h>
#include <strings.h>

#include "base/banned.h"

static bool is_word(const char *text, size_t len)
{
    static const char *const words[] = {"null",
                                        "undefined",
                                        "none",
                                        "nan",
                                        "(null)",
                                        "(none)",
                                        "nil",
                                        "<nil>",
                                        "<null>",
                                        "[object object]",
                                        "[object undefined]"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i]) == len && strncasecmp(words[i], text, len) == 0)
            return true;
    return false;
}

/* Only bytes of set, of which a dash of three bytes may be one. */
static bool is_only(const char *text, size_t len, const char *set)
{
    for (size_t i = 0; i < len;) {
        if (strchr(set, text[i]) && text[i]) {
            i++;
        } else if (len - i >= 3 && !memcmp(text + i, "\xe2\x80", 2) &&
                   (unsigned char)text[i + 2] >= 0x90 &&
                   (unsigned char)text[i + 2] <= 0x95) {
            i += 3;
        } else {
            return false;
        }
    }
    return true;
}

/* What nothing can begin with; most values begin with something else. */
static bool begins_nothing(char c)
{
    switch (c) {
    case 'n':
    case 'N':
    case 'u':
    case 'U':
    case '(':
    case '<':
    case '[':
    case '{':
    case '$':
    case '-':
    case '\xe2':
    case ' ':
    case '\t':
    case '\n':
    case '\r':
    case '\0':
        return true;
    default:
        return false;
    }
}

bool nothing_said(const char *text, size_t len)
{
    if (!begins_nothing(*text))
        return false;
    while (len && strchr(" \t\r\n", *text) && *text) {
        text++;
        len--;
    }
    while (len && strchr(" \t\r\n", text[len - 1]) && text[len - 1])
        len--;
    if (!len)
        return true;
    if (strchr("nNuU(<[", *text))
        return is_word(text, len);
    if (*text == '-' || *text == '\xe2')
        return is_only(text, len, "-");
    return strchr("{$[(", *text) && is_only(text, len, "{}$[]() ");
}

bool nothing_filled(const char *text)
{
    static const char path[] = "abcdefghijklmnopqrstuvwxyz"
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "0123456789_.$?[]' |-";
    const char *inner = text + (*text == '$');
    size_t len, opened = *inner == '{' ? strspn(inner, "{") : 0, named;

    if (!opened)
        return false;
    len = strlen(inner);
    if (opened > 3 || len < 2 * opened + 1)
        return false;
    named = strspn(inner + opened, path);
    inner += opened + named;
    return named && strspn(inner, "}") == opened && !inner[opened];
}

bool nothing_of_posthog(const char *text)
{
    static const char *const roots[] = {"event",   "person", "groups",
                                        "project", "source", "inputs"};
    const char *root = text + strspn(text, "${ ");

    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) {
        size_t len = strlen(roots[i]);

        if (strncmp(root, roots[i], len) == 0 && strchr(".?[ }", root[len]))
            return nothing_filled(text);
    }
    return false;
}
