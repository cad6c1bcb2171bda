/* What a request's query string says, for the routes that read it. */
#ifndef TELLTALE_PARAMS_H
#define TELLTALE_PARAMS_H

#include <stdbool.h>
#include <stdint.h>

#include "net/server.h"
#include "query/query.h"

/* A parameter that is a number of at most 18 digits; *there says whether it
 * was given. False: it is something else, *out stays as it is. */
bool params_number(const struct request *request, const char *name,
                   uint64_t *out, bool *there);
/* The same of a header. */
bool params_header(const struct request *request, const char *name,
                   uint64_t *out, bool *there);
/* A parameter that is a text; out stays as it is where it is not given. False
 * with err: it is longer than size - 1. */
bool params_text(const struct request *request, const char *name, char *out,
                 size_t size, bool *there, struct err *err);
/* One that is yes (1) or no (0, or not given). False with err: it is
 * something else. */
bool params_flag(const struct request *request, const char *name, bool *out,
                 struct err *err);
/* The same for a text. */
bool params_read_number(const char *text, uint64_t *out);
/* The query q, empty when there is none; the caller frees it. NULL with
 * err. */
struct query *params_query(const struct request *request, struct err *err);
/* Fills in the 400 that goes with it. */
void params_refuse(struct answer *answer, const char *why);
/* The same with another status. */
void params_answer(struct answer *answer, int status, const char *why);

#endif
