#include "incoming.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "object.h"
#include "wire.h"

enum { receive_bytes = 64 * 1024, kept_bytes = 1024 * 1024 };

/* Moves what is left to the front and makes room for more of it. */
static void make_room(struct incoming *incoming) {
    size_t left = incoming->length - incoming->at;
    if (left > 0 && incoming->at > 0) memmove(incoming->bytes, incoming->bytes + incoming->at, left);
    incoming->length = left;
    incoming->at = 0;
    if (left == 0 && incoming->capacity > kept_bytes) incoming_clear(incoming);
    if (incoming->capacity - left >= receive_bytes) return;
    /* Doubling keeps the copying of a large frame linear in its size. */
    size_t capacity = incoming->capacity * 2;
    if (capacity < left + receive_bytes) capacity = left + receive_bytes;
    incoming->bytes = reallocate(incoming->bytes, capacity);
    incoming->capacity = capacity;
}

enum receive_result incoming_receive(struct incoming *incoming, int socket) {
    make_room(incoming);
    ssize_t received = recv(socket, incoming->bytes + incoming->length, incoming->capacity - incoming->length, 0);
    if (received > 0) {
        incoming->length += (size_t)received;
        return RECEIVED;
    }
    return received < 0 && (errno == EAGAIN || errno == EINTR) ? NOTHING_YET : ENDED;
}

enum frame_result incoming_frame(struct incoming *incoming, const uint8_t **payload, size_t *length) {
    size_t left = incoming->length - incoming->at;
    if (left < frame_header_bytes) return PART_OF_FRAME;
    uint32_t size;
    memcpy(&size, incoming->bytes + incoming->at, sizeof size);
    if (size > largest_frame_bytes) return FRAME_TOO_LARGE;
    if (left - frame_header_bytes < size) return PART_OF_FRAME;
    *payload = incoming->bytes + incoming->at + frame_header_bytes;
    *length = size;
    incoming->at += frame_header_bytes + size;
    return WHOLE_FRAME;
}

void incoming_clear(struct incoming *incoming) {
    free(incoming->bytes);
    *incoming = (struct incoming){0};
}
