/* What every fuzzer needs. Like the libFuzzer it stands in for, the main in
 * standalone.c calls LLVMFuzzerTestOneInput() once an input. */
#ifndef TELLTALE_FUZZ_H
#define TELLTALE_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A property that must hold for every input. */
#define REQUIRE(what)                                                         \
    do {                                                                      \
        if (!(what)) {                                                        \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__,        \
                    #what);                                                   \
            abort();                                                          \
        }                                                                     \
    } while (0)

#endif
