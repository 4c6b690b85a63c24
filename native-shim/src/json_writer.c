#include "json_writer.h"

#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../include/codexpc_shim.h"
#include "utf8.h"
#include "xpc_adapter.h"

/* The largest integer up to which every double is exact, 2^53 - 1. */
static const int64_t max_safe_integer = 9007199254740991;

/* Makes room for `more` bytes and returns where they go, or NULL. */
static char *claim(struct json_text *text, size_t more) {
    if (text->failed) return NULL;
    if (more > text->limit - text->length) {
        text->failed = true;
        return NULL;
    }
    size_t needed = text->length + more;
    if (needed > text->capacity) {
        size_t capacity = text->capacity * 2 > needed ? text->capacity * 2 : needed;
        if (capacity < 1024) capacity = 1024;
        char *grown = realloc(text->bytes, capacity);
        if (grown == NULL) {
            text->failed = true;
            return NULL;
        }
        text->bytes = grown;
        text->capacity = capacity;
    }
    char *at = text->bytes + text->length;
    text->length = needed;
    return at;
}

void json_append(struct json_text *text, const char *bytes, size_t length) {
    char *at = claim(text, length);
    if (at != NULL && length > 0) memcpy(at, bytes, length);
}

void json_free(struct json_text *text) {
    free(text->bytes);
    *text = (struct json_text){.limit = text->limit};
}

static void append_c_string(struct json_text *text, const char *string) {
    json_append(text, string, strlen(string));
}

static void append_escape(struct json_text *text, uint8_t byte) {
    switch (byte) {
    case '"': append_c_string(text, "\\\""); return;
    case '\\': append_c_string(text, "\\\\"); return;
    case '\n': append_c_string(text, "\\n"); return;
    case '\r': append_c_string(text, "\\r"); return;
    case '\t': append_c_string(text, "\\t"); return;
    default: {
        char escape[8];
        int length = snprintf(escape, sizeof escape, "\\u%04x", (unsigned)byte);
        json_append(text, escape, (size_t)length);
    }
    }
}

static void append_string(struct json_text *text, const char *string, size_t length) {
    const uint8_t *bytes = (const uint8_t *)string;
    json_append(text, "\"", 1);
    /* What lies between `from` and `at` can be copied as it is. */
    size_t from = 0;
    size_t at = 0;
    while (at < length) {
        uint8_t byte = bytes[at];
        if (byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\') {
            at++;
            continue;
        }
        size_t step = 1;
        size_t size = byte < 0x80 ? 0 : utf8_sequence(bytes + at, length - at, &step);
        if (size > 0) {
            at += size;
            continue;
        }
        json_append(text, string + from, at - from);
        if (byte < 0x80) append_escape(text, byte);
        else append_c_string(text, "\xef\xbf\xbd");
        at += step;
        from = at;
    }
    json_append(text, string + from, length - from);
    json_append(text, "\"", 1);
}

static void append_int64(struct json_text *text, int64_t value) {
    bool quoted = value > max_safe_integer || value < -max_safe_integer;
    char digits[32];
    int length = snprintf(digits, sizeof digits, quoted ? "\"%" PRId64 "\"" : "%" PRId64, value);
    json_append(text, digits, (size_t)length);
}

static void append_uint64(struct json_text *text, uint64_t value) {
    bool quoted = value > (uint64_t)max_safe_integer;
    char digits[32];
    int length = snprintf(digits, sizeof digits, quoted ? "\"%" PRIu64 "\"" : "%" PRIu64, value);
    json_append(text, digits, (size_t)length);
}

static void append_double(struct json_text *text, double value) {
    if (!isfinite(value)) {
        append_c_string(text, "null");
        return;
    }
    char digits[40];
    /* 17 digits always read back as the same double; fewer often do. */
    for (int precision = 15; precision <= 17; precision++) {
        snprintf(digits, sizeof digits, "%.*g", precision, value);
        if (precision == 17 || strtod(digits, NULL) == value) break;
    }
    /* The host process may have set a locale with another decimal point, of one byte or several. */
    bool in_point = false;
    for (const char *at = digits; *at != '\0'; at++) {
        bool point = strchr("0123456789+-e", *at) == NULL;
        if (!point) json_append(text, at, 1);
        else if (!in_point) json_append(text, ".", 1);
        in_point = point;
    }
}

static void append_base64(struct json_text *text, const uint8_t *bytes, size_t length) {
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    /* Checked first, so that the size can't overflow. */
    if (length > text->limit) {
        text->failed = true;
        return;
    }
    char *to = claim(text, (length + 2) / 3 * 4);
    if (to == NULL) return;
    for (size_t at = 0; at < length; at += 3) {
        size_t here = length - at;
        uint32_t group = (uint32_t)bytes[at] << 16;
        if (here > 1) group |= (uint32_t)bytes[at + 1] << 8;
        if (here > 2) group |= (uint32_t)bytes[at + 2];
        *to++ = alphabet[group >> 18];
        *to++ = alphabet[(group >> 12) & 63];
        *to++ = here > 1 ? alphabet[(group >> 6) & 63] : '=';
        *to++ = here > 2 ? alphabet[group & 63] : '=';
    }
}

struct entries {
    struct json_text *text;
    unsigned depth;
    bool first;
};

static void append_value(struct json_text *text, xpc_object_t value, unsigned depth);

static bool append_entry(void *context, const char *key, xpc_object_t value) {
    struct entries *entries = context;
    if (!entries->first) json_append(entries->text, ",", 1);
    entries->first = false;
    append_string(entries->text, key, strlen(key));
    json_append(entries->text, ":", 1);
    append_value(entries->text, value, entries->depth);
    return !entries->text->failed;
}

static void append_dictionary(struct json_text *text, xpc_object_t dictionary, unsigned depth) {
    struct entries entries = {.text = text, .depth = depth + 1, .first = true};
    json_append(text, "{", 1);
    for_each_entry(dictionary, append_entry, &entries);
    json_append(text, "}", 1);
}

static void append_array(struct json_text *text, xpc_object_t array, unsigned depth) {
    size_t count = xpc_array_get_count(array);
    json_append(text, "[", 1);
    for (size_t index = 0; index < count && !text->failed; index++) {
        if (index > 0) json_append(text, ",", 1);
        append_value(text, xpc_array_get_value(array, index), depth + 1);
    }
    json_append(text, "]", 1);
}

static void append_value(struct json_text *text, xpc_object_t value, unsigned depth) {
    xpc_type_t type = xpc_get_type(value);
    if (type == XPC_TYPE_STRING) {
        append_string(text, xpc_string_get_string_ptr(value), xpc_string_get_length(value));
    } else if (type == XPC_TYPE_UINT64) {
        append_uint64(text, xpc_uint64_get_value(value));
    } else if (type == XPC_TYPE_INT64) {
        append_int64(text, xpc_int64_get_value(value));
    } else if (type == XPC_TYPE_DOUBLE) {
        append_double(text, xpc_double_get_value(value));
    } else if (type == XPC_TYPE_BOOL) {
        append_c_string(text, xpc_bool_get_value(value) ? "true" : "false");
    } else if (type == XPC_TYPE_DATA) {
        append_c_string(text, "{\"$data\":\"");
        append_base64(text, xpc_data_get_bytes_ptr(value), xpc_data_get_length(value));
        append_c_string(text, "\"}");
    } else if (type == XPC_TYPE_DICTIONARY && depth < CODEXPC_MAX_DEPTH) {
        append_dictionary(text, value, depth);
    } else if (type == XPC_TYPE_ARRAY && depth < CODEXPC_MAX_DEPTH) {
        append_array(text, value, depth);
    } else {
        append_c_string(text, "null");
    }
}

void json_append_value(struct json_text *text, xpc_object_t value) {
    append_value(text, value, 0);
}
