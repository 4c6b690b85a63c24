#include "value_reader.h"

#include <stdlib.h>
#include <string.h>

#include "../include/codexpc_shim.h"
#include "utf8.h"

#if !defined(__BYTE_ORDER__) || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "codexpc_shim supports little-endian systems only: numbers and tokens are copied as they are"
#endif

struct reader {
    const struct value_source *source;
    size_t at;
    bool used_tokens;
    /* Room for one NUL-terminated text. */
    char *scratch;
    size_t scratch_capacity;
};

static int32_t read_value(struct reader *reader, unsigned depth, xpc_object_t *value);

static size_t remaining(const struct reader *reader) {
    return reader->source->length - reader->at;
}

/* Copies the next `size` bytes. */
static bool take(struct reader *reader, void *into, size_t size) {
    if (size > remaining(reader)) return false;
    memcpy(into, reader->source->bytes + reader->at, size);
    reader->at += size;
    return true;
}

/* Takes a u32 byte length and moves past that many bytes, which begin at `*bytes`. */
static bool take_bytes(struct reader *reader, const uint8_t **bytes, size_t *length) {
    uint32_t size;
    if (!take(reader, &size, sizeof size) || size > remaining(reader)) return false;
    *bytes = reader->source->bytes + reader->at;
    *length = size;
    reader->at += size;
    return true;
}

static int32_t take_text(struct reader *reader, const uint8_t **bytes, size_t *length) {
    if (!take_bytes(reader, bytes, length)) return CODEXPC_ERROR_MALFORMED;
    bool good = reader->source->refuse_ill_formed_text ? utf8_is_text(*bytes, *length)
                                                       : *length == 0 || memchr(*bytes, 0, *length) == NULL;
    return good ? CODEXPC_OK : CODEXPC_ERROR_TEXT;
}

/* The text as a C string, good until the next call; NULL without memory. */
static const char *c_string(struct reader *reader, const uint8_t *bytes, size_t length) {
    if (length >= reader->scratch_capacity) {
        size_t capacity = length + 1 < 256 ? 256 : length + 1;
        char *grown = realloc(reader->scratch, capacity);
        if (grown == NULL) return NULL;
        reader->scratch = grown;
        reader->scratch_capacity = capacity;
    }
    if (length > 0) memcpy(reader->scratch, bytes, length);
    reader->scratch[length] = '\0';
    return reader->scratch;
}

static int32_t read_string(struct reader *reader, xpc_object_t *value) {
    const uint8_t *bytes;
    size_t length;
    int32_t status = take_text(reader, &bytes, &length);
    if (status != CODEXPC_OK) return status;
    const char *text = c_string(reader, bytes, length);
    if (text == NULL) return CODEXPC_ERROR_RESOURCES;
    *value = xpc_string_create(text);
    return CODEXPC_OK;
}

static int32_t read_tokens(struct reader *reader, xpc_object_t *value) {
    const struct value_source *source = reader->source;
    if (!source->has_tokens || reader->used_tokens) return CODEXPC_ERROR_MALFORMED;
    /* In the marker's place there will be the tokens and 4 bytes for their length. */
    if (source->length + 4 + source->tokens_length > CODEXPC_MAX_MESSAGE_BYTES) return CODEXPC_ERROR_TOO_LARGE;
    reader->used_tokens = true;
    *value = xpc_data_create(source->tokens, source->tokens_length);
    return CODEXPC_OK;
}

/* Takes the count of an array or dictionary at `depth`, whose elements take `smallest` bytes or more each. */
static int32_t take_count(struct reader *reader, unsigned depth, size_t smallest, uint32_t *count) {
    if (depth >= CODEXPC_MAX_DEPTH) return CODEXPC_ERROR_TOO_DEEP;
    if (!take(reader, count, sizeof *count) || *count > remaining(reader) / smallest) return CODEXPC_ERROR_MALFORMED;
    return CODEXPC_OK;
}

static int32_t read_array(struct reader *reader, unsigned depth, xpc_object_t *value) {
    uint32_t count;
    int32_t status = take_count(reader, depth, 1, &count);
    if (status != CODEXPC_OK) return status;
    xpc_object_t array = xpc_array_create(NULL, 0);
    for (uint32_t index = 0; index < count; index++) {
        xpc_object_t element;
        status = read_value(reader, depth + 1, &element);
        if (status != CODEXPC_OK) {
            xpc_release(array);
            return status;
        }
        xpc_array_append_value(array, element);
        xpc_release(element);
    }
    *value = array;
    return CODEXPC_OK;
}

static int32_t read_entry(struct reader *reader, unsigned depth, xpc_object_t dictionary) {
    const uint8_t *key_bytes;
    size_t key_length;
    int32_t status = take_text(reader, &key_bytes, &key_length);
    if (status != CODEXPC_OK) return status;
    xpc_object_t value;
    status = read_value(reader, depth + 1, &value);
    if (status != CODEXPC_OK) return status;
    /* Only now, since reading the value used the scratch. */
    const char *key = c_string(reader, key_bytes, key_length);
    if (key != NULL) xpc_dictionary_set_value(dictionary, key, value);
    xpc_release(value);
    return key != NULL ? CODEXPC_OK : CODEXPC_ERROR_RESOURCES;
}

static int32_t read_dictionary(struct reader *reader, unsigned depth, xpc_object_t *value) {
    uint32_t count;
    int32_t status = take_count(reader, depth, 5, &count);
    if (status != CODEXPC_OK) return status;
    xpc_object_t dictionary = xpc_dictionary_create(NULL, NULL, 0);
    for (uint32_t index = 0; index < count; index++) {
        status = read_entry(reader, depth, dictionary);
        if (status != CODEXPC_OK) {
            xpc_release(dictionary);
            return status;
        }
    }
    *value = dictionary;
    return CODEXPC_OK;
}

static int32_t read_value(struct reader *reader, unsigned depth, xpc_object_t *value) {
    uint8_t tag;
    if (!take(reader, &tag, 1)) return CODEXPC_ERROR_MALFORMED;
    switch (tag) {
    case TAG_NULL: *value = xpc_null_create(); return CODEXPC_OK;
    case TAG_FALSE: *value = xpc_bool_create(false); return CODEXPC_OK;
    case TAG_TRUE: *value = xpc_bool_create(true); return CODEXPC_OK;
    case TAG_INT64: {
        int64_t number;
        if (!take(reader, &number, sizeof number)) return CODEXPC_ERROR_MALFORMED;
        *value = xpc_int64_create(number);
        return CODEXPC_OK;
    }
    case TAG_UINT64: {
        uint64_t number;
        if (!take(reader, &number, sizeof number)) return CODEXPC_ERROR_MALFORMED;
        *value = xpc_uint64_create(number);
        return CODEXPC_OK;
    }
    case TAG_DOUBLE: {
        double number;
        if (!take(reader, &number, sizeof number)) return CODEXPC_ERROR_MALFORMED;
        *value = xpc_double_create(number);
        return CODEXPC_OK;
    }
    case TAG_STRING: return read_string(reader, value);
    case TAG_DATA: {
        const uint8_t *bytes;
        size_t length;
        if (!take_bytes(reader, &bytes, &length)) return CODEXPC_ERROR_MALFORMED;
        *value = xpc_data_create(bytes, length);
        return CODEXPC_OK;
    }
    case TAG_ARRAY: return read_array(reader, depth, value);
    case TAG_DICTIONARY: return read_dictionary(reader, depth, value);
    case TAG_TOKENS: return read_tokens(reader, value);
    default: return CODEXPC_ERROR_MALFORMED;
    }
}

int32_t read_message(const struct value_source *source, xpc_object_t *message) {
    if (source->length == 0 || source->bytes[0] != TAG_DICTIONARY) return CODEXPC_ERROR_MALFORMED;
    struct reader reader = {.source = source};
    xpc_object_t value;
    int32_t status = read_value(&reader, 0, &value);
    free(reader.scratch);
    if (status != CODEXPC_OK) return status;
    bool unused_tokens = source->tokens_length > 0 && !reader.used_tokens;
    if (reader.at != source->length || unused_tokens) {
        xpc_release(value);
        return CODEXPC_ERROR_MALFORMED;
    }
    *message = value;
    return CODEXPC_OK;
}
