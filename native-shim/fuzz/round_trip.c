#include "round_trip.h"

#include <stdlib.h>
#include <string.h>

#include "../include/codexpc_shim.h"
#include "../standin/wire.h"
#include "target.h"

/* The value's bytes, to be freed. */
static uint8_t *written(xpc_object_t value, size_t *length) {
    *length = wire_size(value);
    uint8_t *bytes = malloc(*length);
    PROMISE(bytes != NULL);
    PROMISE(wire_write(bytes, value) == bytes + *length);
    return bytes;
}

static bool may_be_refused_with(int32_t status, const struct value_source *source) {
    switch (status) {
    case CODEXPC_ERROR_MALFORMED:
    case CODEXPC_ERROR_TEXT:
    case CODEXPC_ERROR_TOO_DEEP: return true;
    case CODEXPC_ERROR_TOO_LARGE: return source->length + 4 + source->tokens_length > CODEXPC_MAX_MESSAGE_BYTES;
    default: return false;
    }
}

void check_round_trip(const struct value_source *source) {
    xpc_object_t value;
    int32_t status = read_message(source, &value);
    if (status != CODEXPC_OK) {
        PROMISE(may_be_refused_with(status, source));
        return;
    }
    PROMISE(xpc_get_type(value) == XPC_TYPE_DICTIONARY);
    size_t length;
    uint8_t *bytes = written(value, &length);
    xpc_release(value);
    /* In the place of a marker of one byte there are the tokens, a tag and their length. */
    PROMISE(length <= source->length + (source->has_tokens ? 4 + source->tokens_length : 0));
    if (!source->has_tokens && length == source->length) PROMISE(memcmp(bytes, source->bytes, length) == 0);

    struct value_source again = {
        .bytes = bytes,
        .length = length,
        .refuse_ill_formed_text = source->refuse_ill_formed_text,
    };
    PROMISE(read_message(&again, &value) == CODEXPC_OK);
    size_t second_length;
    uint8_t *second = written(value, &second_length);
    xpc_release(value);
    PROMISE(second_length == length && memcmp(second, bytes, length) == 0);
    free(second);
    free(bytes);
}
