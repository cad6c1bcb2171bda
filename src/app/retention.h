/* What the program asks of the service "retention". */
#ifndef TELLTALE_RETENTION_H
#define TELLTALE_RETENTION_H

/* The journal's clock was set: looks again for what is too old. */
void retention_look(void *self);

#endif
