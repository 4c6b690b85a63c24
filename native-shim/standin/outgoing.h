/* What waits to be sent: messages as frames, and barriers between them. Not locked. */
#ifndef STANDIN_OUTGOING_H
#define STANDIN_OUTGOING_H

#include <stddef.h>
#include <stdint.h>
#include <xpc/xpc.h>

struct outgoing {
    struct outgoing *next;
    /* A barrier; NULL for a frame. */
    void (*barrier)(void *context);
    void *context;
    size_t length;
    size_t sent;
    uint8_t bytes[];
};

struct outgoing_queue {
    struct outgoing *first;
    struct outgoing *last;
};

struct outgoing *outgoing_message(xpc_object_t dictionary);
struct outgoing *outgoing_barrier(void (*barrier)(void *context), void *context);
void outgoing_append(struct outgoing_queue *queue, struct outgoing *item);
/* Takes the first one out, which there has to be. */
struct outgoing *outgoing_take(struct outgoing_queue *queue);
/* Frees everything, running the barriers. */
void outgoing_unwind(struct outgoing_queue *queue);

#endif
