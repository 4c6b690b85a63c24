/* Every event of a connection, described, in order. */
#ifndef JOURNAL_H
#define JOURNAL_H

#include <xpc/xpc.h>

#define INTERRUPTED "<error \"Connection interrupted\">"
#define INVALID "<error \"Connection invalid\">"

struct journal;

struct journal *new_journal(void);
void free_journal(struct journal *journal);

/* An event handler and a barrier; the context is a journal. A barrier's line is "barrier". */
void note_event(void *journal, xpc_object_t event);
void note_barrier(void *journal);

/* The line at `index`, awaited. */
const char *line_of(struct journal *journal, unsigned index);
/* How many lines there are now. */
unsigned line_count(struct journal *journal);

/* A running connection whose events are noted. */
xpc_connection_t connect_to(const char *name, struct journal *journal);
/* Cancels, expects the last event at `index` and frees both. */
void finish(xpc_connection_t connection, struct journal *journal, unsigned index);
/* Sends {type}. */
void send_type(xpc_connection_t connection, const char *type);

/* A service made of plain sockets: one that listens at `path`. */
int listen_at(const char *path);

#endif
