/* One hexadecimal digit, for everything that reads them. */
#ifndef TELLTALE_HEX_H
#define TELLTALE_HEX_H

/* 0 to 15, or -1 for what is no digit. */
static inline int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

#endif
