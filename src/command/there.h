/* Asking another telltale, for the commands that take its address in place of
 * the journal here: tail, signals, export, report. Blocking. */
#ifndef TELLTALE_THERE_H
#define TELLTALE_THERE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "config/config.h"
#include "net/client.h"

struct there {
    char *url;   /* without a slash at its end */
    char *token; /* a viewer's */
};

/* True when the first of the words is an address; *rest then points behind
 * it, and words is the address alone. */
bool there_is(char *words, const char **rest);
/* Checks the address and finds the token. An exit code; if it is not
 * EXIT_DONE, what is wrong was printed and nothing is left to close. */
int there_open(struct there *there, const struct config *config,
               const char *url);
void there_close(struct there *there);

/* A request for target ("/signals?all=1"), its url and headers; both are the
 * caller's to free by there_request_free(). */
struct there_request {
    struct client_request request;
    char *url;
    char *header;
    const char *headers[3];
};
void there_request(struct there_request *out, const struct there *there,
                   const char *target);
void there_request_free(struct there_request *request);

/* What an answer that is not 200 means, for whoever reads it. True: it is 200.
 * err has what the other side said. */
bool there_judge(const struct client_answer *answer, struct err *err);
/* GET, or POST where there is a body; what is answered is in out. Where the
 * other side says that it is busy, a GET is asked again, a POST is not. An
 * exit code, err filled in unless it is EXIT_DONE. */
int there_ask(const struct there *there, const char *target, const char *body,
              unsigned timeout_ms, struct buf *out, struct err *err);
/* The same for what takes long to make, "the report": its answer must begin
 * within a minute, and a terminal is told for how long it has been waited for,
 * in a line that goes again. */
int there_ask_long(const struct there *there, const char *target,
                   const char *what, unsigned timeout_ms, struct buf *out,
                   struct err *err);
/* Prints "telltale: URL: …"; returns code. */
int there_fail(const struct there *there, int code, const struct err *err);

#endif
