/* Keeps the worst of what it is told, its text made harmless. What is wrong,
 * each service says itself. */
#include "app/problem.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

#include "base/banned.h"

void problem_add(struct problems *problems, enum problem_rank rank, char mark,
                 const char *text)
{
    struct buf safe;

    problems->present |= 1u << rank;
    if (problems->away & 1u << rank)
        return;
    if (problems->count++ && rank >= problems->worst)
        return;
    buf_init(&safe, sizeof problems->text);
    text_sanitise(&safe, text, strlen(text), sizeof problems->text - 1);
    snprintf(problems->text, sizeof problems->text, "%s", safe.data);
    buf_free(&safe);
    problems->worst = rank;
    problems->mark = mark;
}
