/* Letters of ASCII, whatever the locale: names in URLs, headers and ids. */
#ifndef TELLTALE_ASCII_H
#define TELLTALE_ASCII_H

static inline char ascii_lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

/* All of a text, in place. */
static inline void ascii_lower_text(char *text)
{
    for (; *text; text++)
        *text = ascii_lower(*text);
}

#endif
