/*
 * The shim's writer of JSON, on any value that a peer can send, and on deeper ones.
 *
 * The first two bytes limit the text (0: as in the shim), the third is how many arrays are put around the value; the
 * rest is the value as tagged bytes. Promised: text within its limit, and if it is whole, JSON that says what the
 * header says of the value.
 */
#include <stdlib.h>

#include "../include/codexpc_shim.h"
#include "../src/json_writer.h"
#include "../src/value_reader.h"
#include "json_reading.h"
#include "target.h"

static xpc_object_t inside_arrays(xpc_object_t value, unsigned count) {
    for (unsigned level = 0; level < count; level++) {
        xpc_object_t array = xpc_array_create(&value, 1);
        xpc_release(value);
        value = array;
    }
    return value;
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t length) {
    if (length < 3) return 0;
    size_t limit = (size_t)input[0] | (size_t)input[1] << 8;
    struct value_source source = {.bytes = input + 3, .length = length - 3};
    xpc_object_t value;
    if (read_message(&source, &value) != CODEXPC_OK) return 0;
    value = inside_arrays(value, input[2] % (CODEXPC_MAX_DEPTH + 4));

    struct json_text text = {.limit = CODEXPC_MAX_MESSAGE_BYTES};
    json_append_value(&text, value);
    PROMISE(!text.failed && says(text.bytes, text.length, value));

    struct json_text limited = {.limit = limit};
    json_append_value(&limited, value);
    PROMISE(limited.length <= limit);
    PROMISE(limited.failed == (text.length > limit));
    if (!limited.failed) PROMISE(says(limited.bytes, limited.length, value));
    json_free(&limited);
    json_free(&text);
    xpc_release(value);
    return 0;
}
