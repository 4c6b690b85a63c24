#include "json_text.h"

#include <stdlib.h>

#include "../src/json_writer.h"

char *json_of(xpc_object_t value) {
    struct json_text text = {.limit = 1u << 30};
    json_append_value(&text, value);
    json_append(&text, "", 1);
    if (text.failed) abort();
    return text.bytes;
}
