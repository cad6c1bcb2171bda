/* Makes a journal of so many events for another bench, and nothing else.
 *
 *     filled PATH EVENTS */
#include <stdio.h>
#include <stdlib.h>

#include "fill.h"
#include "base/banned.h"

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: filled PATH EVENTS\n");
        return 2;
    }
    fill_journal(argv[1], strtoul(argv[2], NULL, 10), NULL, NULL);
    return 0;
}
