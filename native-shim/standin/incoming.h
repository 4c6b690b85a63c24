/* Bytes that came from a peer, cut into frames. */
#ifndef STANDIN_INCOMING_H
#define STANDIN_INCOMING_H

#include <stddef.h>
#include <stdint.h>

/* All zero is an empty one. */
struct incoming {
    uint8_t *bytes;
    size_t length;
    size_t capacity;
    /* Where the next frame begins. */
    size_t at;
};

enum receive_result { RECEIVED, NOTHING_YET, ENDED };

/* Reads once from a socket that doesn't block. To be called when `incoming_frame` has no whole frame left. */
enum receive_result incoming_receive(struct incoming *incoming, int socket);

enum frame_result { WHOLE_FRAME, PART_OF_FRAME, FRAME_TOO_LARGE };

/* The next frame's payload, good until the next `incoming_receive`. */
enum frame_result incoming_frame(struct incoming *incoming, const uint8_t **payload, size_t *length);

/* Drops what there is. */
void incoming_clear(struct incoming *incoming);

#endif
