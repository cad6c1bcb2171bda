/* Identifiers: parsing, writing, making. Random bits are the system's. */
#include "base/uuid.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hex.h"

#include "base/banned.h"

bool uuid_parse(const char *text, size_t len, struct uuid *out)
{
    size_t at = 0;

    if (len != 36)
        return false;
    for (size_t i = 0; i < 16; i++) {
        int high, low;

        if (at == 8 || at == 13 || at == 18 || at == 23)
            if (text[at++] != '-')
                return false;
        high = hex_digit(text[at++]);
        low = hex_digit(text[at++]);
        if (high < 0 || low < 0)
            return false;
        out->bytes[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

void uuid_format(const struct uuid *uuid, char out[UUID_TEXT_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    char *to = out;

    for (size_t i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *to++ = '-';
        *to++ = digits[uuid->bytes[i] >> 4];
        *to++ = digits[uuid->bytes[i] & 15];
    }
    *to = '\0';
}

bool uuid_equal(const struct uuid *a, const struct uuid *b)
{
    return !memcmp(a->bytes, b->bytes, sizeof a->bytes);
}

void random_bytes(void *out, size_t len)
{
    int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    char *to = out;

    while (fd >= 0 && len) {
        ssize_t got = read(fd, to, len);

        if (got <= 0)
            break;
        to += got;
        len -= (size_t)got;
    }
    if (fd < 0 || len) {
        fprintf(stderr, "telltale: no random numbers from /dev/urandom\n");
        abort();
    }
    close(fd);
}

static void set_version(struct uuid *uuid, int version)
{
    uuid->bytes[6] = (uint8_t)((uuid->bytes[6] & 0x0f) | version << 4);
    uuid->bytes[8] = (uint8_t)((uuid->bytes[8] & 0x3f) | 0x80);
}

struct uuid uuid_random(void)
{
    struct uuid uuid;

    random_bytes(uuid.bytes, sizeof uuid.bytes);
    set_version(&uuid, 4);
    return uuid;
}

struct uuid uuid_timed(int64_t wall_ms)
{
    struct uuid uuid;

    random_bytes(uuid.bytes + 6, 10);
    for (int i = 0; i < 6; i++)
        uuid.bytes[i] = (uint8_t)(wall_ms >> (40 - 8 * i));
    set_version(&uuid, 7);
    return uuid;
}
