/* XPC values → JSON text, as codexpc_shim.h describes it under EVENTS. */
#ifndef JSON_WRITER_H
#define JSON_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <xpc/xpc.h>

/* Growing text. All zero but `limit` is an empty one. */
struct json_text {
    char *bytes;
    size_t length;
    size_t capacity;
    /* It never gets longer than this. */
    size_t limit;
    /* It would have, or there was no memory: the text is not whole. */
    bool failed;
};

void json_append(struct json_text *text, const char *bytes, size_t length);
void json_append_value(struct json_text *text, xpc_object_t value);
void json_free(struct json_text *text);

#endif
