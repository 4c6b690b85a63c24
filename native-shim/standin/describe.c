#include "object.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct text {
    char *bytes;
    size_t length;
    size_t capacity;
};

__attribute__((format(printf, 2, 3))) static void append(struct text *text, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    va_list again;
    va_copy(again, arguments);
    size_t more = (size_t)vsnprintf(NULL, 0, format, arguments);
    if (text->length + more + 1 > text->capacity) {
        text->capacity = (text->length + more + 1) * 2;
        text->bytes = reallocate(text->bytes, text->capacity);
    }
    vsnprintf(text->bytes + text->length, more + 1, format, again);
    text->length += more;
    va_end(again);
    va_end(arguments);
}

static void describe(struct text *text, xpc_object_t object);

static bool describe_entry(void *context, const char *key, xpc_object_t value) {
    struct text *text = context;
    append(text, " \"%s\" => ", key);
    describe(text, value);
    return true;
}

static void describe(struct text *text, xpc_object_t object) {
    xpc_type_t type = xpc_get_type(object);
    append(text, "<%s", type->name);
    if (type == XPC_TYPE_BOOL) {
        append(text, " %s", xpc_bool_get_value(object) ? "true" : "false");
    } else if (type == XPC_TYPE_INT64) {
        append(text, " %" PRId64, xpc_int64_get_value(object));
    } else if (type == XPC_TYPE_UINT64) {
        append(text, " %" PRIu64, xpc_uint64_get_value(object));
    } else if (type == XPC_TYPE_DOUBLE) {
        append(text, " %.17g", xpc_double_get_value(object));
    } else if (type == XPC_TYPE_STRING) {
        append(text, " \"%s\"", xpc_string_get_string_ptr(object));
    } else if (type == XPC_TYPE_DATA) {
        append(text, " %zu bytes", xpc_data_get_length(object));
    } else if (type == XPC_TYPE_ERROR) {
        append(text, " \"%s\"", ((const struct _xpc_error_s *)object)->description);
    } else if (type == XPC_TYPE_ARRAY) {
        for (size_t index = 0; index < xpc_array_get_count(object); index++) {
            append(text, " ");
            describe(text, xpc_array_get_value(object, index));
        }
    } else if (type == XPC_TYPE_DICTIONARY) {
        xpc_standin_dictionary_apply(object, describe_entry, text);
    }
    append(text, ">");
}

char *xpc_copy_description(xpc_object_t object) {
    struct text text = {0};
    describe(&text, object);
    return text.bytes;
}
