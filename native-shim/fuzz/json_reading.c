#include "json_reading.h"

#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../include/codexpc_shim.h"
#include "../src/xpc_adapter.h"

struct cursor {
    const uint8_t *at;
    const uint8_t *end;
};

static bool skip(struct cursor *cursor, const char *expected) {
    size_t length = strlen(expected);
    if ((size_t)(cursor->end - cursor->at) < length || memcmp(cursor->at, expected, length) != 0) return false;
    cursor->at += length;
    return true;
}

/* The code points that a sequence of so many bytes may stand for. */
static bool is_in_range(uint32_t code_point, unsigned size) {
    static const uint32_t first[] = {0, 0, 0x80, 0x800, 0x10000};
    static const uint32_t last[] = {0, 0x7f, 0x7ff, 0xffff, 0x10ffff};
    bool surrogate = code_point >= 0xd800 && code_point <= 0xdfff;
    return code_point >= first[size] && code_point <= last[size] && !surrogate;
}

/* Whether some bytes could follow to make a code point: `bits` are known, `missing` bytes are not. */
static bool can_go_on(uint32_t bits, unsigned size, unsigned missing) {
    uint32_t low = bits << (6 * missing);
    uint32_t high = low | ((1u << (6 * missing)) - 1);
    return is_in_range(low, size) || is_in_range(high, size);
}

/* The code point at the front; U+FFFD for the longest beginning of one that is not whole, or for one byte. */
static uint32_t take_code_point(struct cursor *cursor) {
    uint8_t lead = *cursor->at++;
    if (lead < 0x80) return lead;
    unsigned size = lead >= 0xf0 && lead < 0xf8   ? 4
                    : lead >= 0xe0 && lead < 0xf0 ? 3
                    : lead >= 0xc0 && lead < 0xe0 ? 2
                                                  : 0;
    if (size == 0) return 0xfffd;
    uint32_t bits = lead & (0x7fu >> size);
    unsigned missing = size - 1;
    if (!can_go_on(bits, size, missing)) return 0xfffd;
    while (missing > 0) {
        if (cursor->at == cursor->end || (*cursor->at & 0xc0) != 0x80) return 0xfffd;
        uint32_t longer = bits << 6 | (*cursor->at & 0x3fu);
        if (!can_go_on(longer, size, missing - 1)) return 0xfffd;
        bits = longer;
        missing--;
        cursor->at++;
    }
    return bits;
}

/* The character at the front of a JSON string, which is not its closing quote; -1 when it may not stand there. */
static int64_t take_character(struct cursor *json) {
    if (*json->at < 0x20) return -1;
    if (*json->at != '\\') {
        const uint8_t *before = json->at;
        uint32_t code_point = take_code_point(json);
        /* Where U+FFFD is said it must be written. */
        bool written = json->at - before == 3 && memcmp(before, "\xef\xbf\xbd", 3) == 0;
        if (code_point == 0xfffd && !written) return -1;
        return code_point;
    }
    json->at++;
    static const char escaped[] = "\"\\/bfnrt";
    static const char meant[] = "\"\\/\b\f\n\r\t";
    const char *simple = json->at < json->end && *json->at != 0 ? strchr(escaped, *json->at) : NULL;
    if (simple != NULL) {
        json->at++;
        return meant[simple - escaped];
    }
    char digits[5] = "";
    if (!skip(json, "u") || json->end - json->at < 4) return -1;
    memcpy(digits, json->at, 4);
    if (strspn(digits, "0123456789abcdefABCDEF") != 4) return -1;
    json->at += 4;
    return (int64_t)strtol(digits, NULL, 16);
}

static bool says_string(struct cursor *json, const char *string, size_t length) {
    struct cursor original = {(const uint8_t *)string, (const uint8_t *)string + length};
    if (!skip(json, "\"")) return false;
    while (json->at < json->end && *json->at != '"') {
        if (original.at == original.end) return false;
        if (take_character(json) != (int64_t)take_code_point(&original)) return false;
    }
    return original.at == original.end && skip(json, "\"");
}

/* Moves past a number of JSON's grammar and copies it; false when there is none. */
static bool take_number(struct cursor *json, char *number, size_t room) {
    const uint8_t *at = json->at;
    const uint8_t *end = json->end;
#define DIGITS(least)                                                                                                  \
    {                                                                                                                  \
        const uint8_t *from = at;                                                                                      \
        while (at < end && *at >= '0' && *at <= '9') at++;                                                             \
        if (at - from < (least)) return false;                                                                         \
    }
    if (at < end && *at == '-') at++;
    if (at < end && *at == '0') at++;
    else DIGITS(1)
    if (at < end && *at == '.') {
        at++;
        DIGITS(1)
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        at++;
        if (at < end && (*at == '-' || *at == '+')) at++;
        DIGITS(1)
    }
#undef DIGITS
    size_t length = (size_t)(at - json->at);
    if (length >= room) return false;
    memcpy(number, json->at, length);
    number[length] = '\0';
    json->at = at;
    return true;
}

static bool says_double(struct cursor *json, double value) {
    char number[64];
    if (!isfinite(value)) return skip(json, "null");
    if (!take_number(json, number, sizeof number)) return false;
    double read = strtod(number, NULL);
    return read == value && signbit(read) == signbit(value);
}

static bool says_integer(struct cursor *json, bool negative, uint64_t magnitude) {
    char expected[40];
    const char *quote = magnitude > 9007199254740991u ? "\"" : "";
    snprintf(expected, sizeof expected, "%s%s%" PRIu64 "%s", quote, negative ? "-" : "", magnitude, quote);
    return skip(json, expected);
}

static bool says_data(struct cursor *json, const uint8_t *bytes, size_t length) {
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if (!skip(json, "{\"$data\":\"")) return false;
    uint32_t bits = 0;
    unsigned known = 0;
    size_t characters = 0;
    for (size_t read = 0; read < length;) {
        const char *digit = json->at < json->end && *json->at != 0 ? strchr(alphabet, *json->at) : NULL;
        if (digit == NULL) return false;
        json->at++;
        characters++;
        bits = bits << 6 | (uint32_t)(digit - alphabet);
        known += 6;
        if (known < 8) continue;
        known -= 8;
        if ((uint8_t)(bits >> known) != bytes[read++]) return false;
        bits &= (1u << known) - 1;
    }
    /* What is left over of the last character is nothing, and the text is filled up to fours. */
    if (bits != 0) return false;
    for (; characters % 4 != 0; characters++) {
        if (!skip(json, "=")) return false;
    }
    return skip(json, "\"}");
}

static bool says_value(struct cursor *json, xpc_object_t value, unsigned depth);

struct entries {
    struct cursor *json;
    unsigned depth;
    size_t count;
};

/* The stand-in gives the entries in the same order each time. */
static bool says_entry(void *context, const char *key, xpc_object_t value) {
    struct entries *entries = context;
    return (entries->count++ == 0 || skip(entries->json, ",")) && says_string(entries->json, key, strlen(key)) &&
           skip(entries->json, ":") && says_value(entries->json, value, entries->depth);
}

static bool says_value(struct cursor *json, xpc_object_t value, unsigned depth) {
    xpc_type_t type = xpc_get_type(value);
    bool nested = type == XPC_TYPE_ARRAY || type == XPC_TYPE_DICTIONARY;
    if (type == XPC_TYPE_NULL || (nested && depth >= CODEXPC_MAX_DEPTH)) return skip(json, "null");
    if (type == XPC_TYPE_BOOL) return skip(json, xpc_bool_get_value(value) ? "true" : "false");
    if (type == XPC_TYPE_DOUBLE) return says_double(json, xpc_double_get_value(value));
    if (type == XPC_TYPE_UINT64) return says_integer(json, false, xpc_uint64_get_value(value));
    if (type == XPC_TYPE_INT64) {
        int64_t number = xpc_int64_get_value(value);
        return says_integer(json, number < 0, number < 0 ? 0 - (uint64_t)number : (uint64_t)number);
    }
    if (type == XPC_TYPE_STRING) {
        return says_string(json, xpc_string_get_string_ptr(value), xpc_string_get_length(value));
    }
    if (type == XPC_TYPE_DATA) return says_data(json, xpc_data_get_bytes_ptr(value), xpc_data_get_length(value));
    if (type == XPC_TYPE_ARRAY) {
        if (!skip(json, "[")) return false;
        for (size_t index = 0; index < xpc_array_get_count(value); index++) {
            if (index > 0 && !skip(json, ",")) return false;
            if (!says_value(json, xpc_array_get_value(value, index), depth + 1)) return false;
        }
        return skip(json, "]");
    }
    struct entries entries = {.json = json, .depth = depth + 1};
    return skip(json, "{") && for_each_entry(value, says_entry, &entries) && skip(json, "}");
}

bool says(const char *json, size_t length, xpc_object_t value) {
    struct cursor cursor = {(const uint8_t *)json, (const uint8_t *)json + length};
    return says_value(&cursor, value, 0) && cursor.at == cursor.end;
}
