#include "wire.h"

#include <string.h>

#include "../src/value_reader.h"
#include "object.h"

static bool add_entry_size(void *context, const char *key, xpc_object_t value) {
    size_t *size = context;
    *size += 4 + strlen(key) + wire_size(value);
    return true;
}

size_t wire_size(xpc_object_t value) {
    xpc_type_t type = xpc_get_type(value);
    if (type == XPC_TYPE_NULL || type == XPC_TYPE_BOOL) return 1;
    if (type == XPC_TYPE_INT64 || type == XPC_TYPE_UINT64 || type == XPC_TYPE_DOUBLE) return 9;
    if (type == XPC_TYPE_STRING) return 5 + xpc_string_get_length(value);
    if (type == XPC_TYPE_DATA) return 5 + xpc_data_get_length(value);
    size_t size = 5;
    if (type == XPC_TYPE_ARRAY) {
        for (size_t index = 0; index < xpc_array_get_count(value); index++) {
            size += wire_size(xpc_array_get_value(value, index));
        }
    } else if (type == XPC_TYPE_DICTIONARY) {
        xpc_standin_dictionary_apply(value, add_entry_size, &size);
    } else {
        misuse("a value of this type can't be sent");
    }
    return size;
}

static uint8_t *write_bytes(uint8_t *to, const void *bytes, size_t length) {
    if (length > 0) memcpy(to, bytes, length);
    return to + length;
}

static uint8_t *write_head(uint8_t *to, enum value_tag tag, size_t count) {
    *to = (uint8_t)tag;
    uint32_t count32 = (uint32_t)count;
    return write_bytes(to + 1, &count32, sizeof count32);
}

static uint8_t *write_number(uint8_t *to, enum value_tag tag, const void *number) {
    *to = (uint8_t)tag;
    return write_bytes(to + 1, number, 8);
}

static bool write_entry(void *context, const char *key, xpc_object_t value) {
    uint8_t **to = context;
    uint32_t length = (uint32_t)strlen(key);
    *to = write_bytes(*to, &length, sizeof length);
    *to = write_bytes(*to, key, length);
    *to = wire_write(*to, value);
    return true;
}

uint8_t *wire_write(uint8_t *to, xpc_object_t value) {
    xpc_type_t type = xpc_get_type(value);
    if (type == XPC_TYPE_NULL) {
        *to = TAG_NULL;
        return to + 1;
    }
    if (type == XPC_TYPE_BOOL) {
        *to = xpc_bool_get_value(value) ? TAG_TRUE : TAG_FALSE;
        return to + 1;
    }
    if (type == XPC_TYPE_INT64) {
        int64_t number = xpc_int64_get_value(value);
        return write_number(to, TAG_INT64, &number);
    }
    if (type == XPC_TYPE_UINT64) {
        uint64_t number = xpc_uint64_get_value(value);
        return write_number(to, TAG_UINT64, &number);
    }
    if (type == XPC_TYPE_DOUBLE) {
        double number = xpc_double_get_value(value);
        return write_number(to, TAG_DOUBLE, &number);
    }
    if (type == XPC_TYPE_STRING) {
        size_t length = xpc_string_get_length(value);
        return write_bytes(write_head(to, TAG_STRING, length), xpc_string_get_string_ptr(value), length);
    }
    if (type == XPC_TYPE_DATA) {
        size_t length = xpc_data_get_length(value);
        return write_bytes(write_head(to, TAG_DATA, length), xpc_data_get_bytes_ptr(value), length);
    }
    if (type == XPC_TYPE_ARRAY) {
        size_t count = xpc_array_get_count(value);
        to = write_head(to, TAG_ARRAY, count);
        for (size_t index = 0; index < count; index++) to = wire_write(to, xpc_array_get_value(value, index));
        return to;
    }
    to = write_head(to, TAG_DICTIONARY, xpc_dictionary_get_count(value));
    xpc_standin_dictionary_apply(value, write_entry, &to);
    return to;
}
