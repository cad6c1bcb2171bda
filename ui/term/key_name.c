/* Keys as people write them, and back (ui/term/keys.h). */
#include "ui/term/keys.h"

#include <string.h>

#include "base/text.h"
#include "base/utf8.h"
#include "base/banned.h"

static const struct {
    const char *name;
    uint32_t code;
} names[] = {
    {"Up", KEY_CODE_UP},
    {"Down", KEY_CODE_DOWN},
    {"Left", KEY_CODE_LEFT},
    {"Right", KEY_CODE_RIGHT},
    {"Home", KEY_CODE_HOME},
    {"End", KEY_CODE_END},
    {"PgUp", KEY_CODE_PAGE_UP},
    {"PgDn", KEY_CODE_PAGE_DOWN},
    {"Ins", KEY_CODE_INSERT},
    {"Del", KEY_CODE_DELETE},
    {"Tab", KEY_CODE_TAB},
    {"S-Tab", KEY_CODE_BACK_TAB},
    {"Enter", KEY_CODE_ENTER},
    {"Esc", KEY_CODE_ESC},
    {"Backspace", KEY_CODE_BACKSPACE},
    {"Space", ' '},
};

uint32_t key_parse(const char *name)
{
    uint32_t code;
    int len;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!text_casecmp(names[i].name, name))
            return names[i].code;
    if (name[0] == '^' && name[1] >= '@' && name[1] <= '_' && !name[2])
        return (uint32_t)(name[1] & 0x1f);
    len = utf8_decode(name, strlen(name), &code);
    if (len <= 0 || name[len] || code <= ' ')
        return 0;
    return code;
}

void key_name(uint32_t code, char out[16])
{
    int len;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].code == code) {
            memcpy(out, names[i].name, strlen(names[i].name) + 1);
            return;
        }
    if (code < 0x20) {
        out[0] = '^';
        out[1] = (char)(code | 0x40);
        out[2] = '\0';
        return;
    }
    len = code < 0x110000 ? utf8_encode(code, out) : 0;
    out[len] = '\0';
}
