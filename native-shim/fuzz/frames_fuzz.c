/*
 * The stand-in's frame parser, on bytes that a peer sends in pieces.
 *
 * The first byte is the size of the pieces. Promised: how the bytes are cut up changes nothing; a frame is told as soon
 * as it is whole; every payload is refused, or read into a value that is written as bytes which are read as the same.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "../standin/wire.h"
#include "round_trip.h"
#include "target.h"

/* What the socket has for its reader. */
static struct {
    const uint8_t *bytes;
    size_t length;
} sent;

static ssize_t receive_from_memory(void *into, size_t size) {
    if (sent.length == 0) {
        errno = EAGAIN;
        return -1;
    }
    size_t taken = sent.length < size ? sent.length : size;
    memcpy(into, sent.bytes, taken);
    sent.bytes += taken;
    sent.length -= taken;
    return (ssize_t)taken;
}

/* The parser's own source, on memory in place of a socket: system calls would take nearly all of the time. */
#define recv(socket, into, size, flags) ((void)(socket), receive_from_memory((into), (size)))
#define incoming_receive fuzzed_incoming_receive
#define incoming_frame fuzzed_incoming_frame
#define incoming_clear fuzzed_incoming_clear
#include "../standin/incoming.c"

/* What is left of the input when its frames are cut off by somebody who sees it as a whole. */
struct whole {
    const uint8_t *bytes;
    size_t length;
    size_t at;
};

static enum frame_result next_frame(struct whole *whole, const uint8_t **payload, size_t *length) {
    size_t left = whole->length - whole->at;
    if (left < 4) return PART_OF_FRAME;
    const uint8_t *head = whole->bytes + whole->at;
    *length = (size_t)head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16 | (size_t)head[3] << 24;
    if (*length > 64u * 1024 * 1024) return FRAME_TOO_LARGE;
    if (*length > left - 4) return PART_OF_FRAME;
    *payload = head + 4;
    whole->at += 4 + *length;
    return WHOLE_FRAME;
}

/* Takes every frame that is there and compares it with the next of `whole`. False: what follows is no frame. */
static bool take_frames(struct incoming *incoming, struct whole *whole) {
    for (;;) {
        const uint8_t *payload = NULL;
        const uint8_t *expected = NULL;
        size_t length = 0;
        size_t expected_length = 0;
        enum frame_result result = incoming_frame(incoming, &payload, &length);
        if (result == PART_OF_FRAME) return true;
        PROMISE(next_frame(whole, &expected, &expected_length) == result);
        if (result == FRAME_TOO_LARGE) return false;
        PROMISE(length == expected_length && (length == 0 || memcmp(payload, expected, length) == 0));
        check_round_trip(&(struct value_source){.bytes = payload, .length = length});
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t length) {
    if (length == 0) return 0;
    size_t piece = input[0] == 0 ? length : input[0];
    struct whole whole = {.bytes = input + 1, .length = length - 1};
    /* Kept from input to input: a new buffer of 64 KB for each took most of the time. */
    static struct incoming incoming;
    incoming.length = 0;
    incoming.at = 0;
    bool frames = true;
    for (size_t at = 0; frames && at < whole.length; at += piece) {
        size_t size = whole.length - at < piece ? whole.length - at : piece;
        sent.bytes = whole.bytes + at;
        sent.length = size;
        PROMISE(incoming_receive(&incoming, -1) == RECEIVED && sent.length == 0);
        frames = take_frames(&incoming, &whole);
    }
    if (frames) {
        const uint8_t *rest;
        size_t rest_length;
        PROMISE(next_frame(&whole, &rest, &rest_length) == PART_OF_FRAME);
        PROMISE(incoming_receive(&incoming, -1) == NOTHING_YET);
    }
    return 0;
}
