#include "../src/value_reader.h"

#include <stdlib.h>
#include <string.h>

#include "../include/codexpc_shim.h"
#include "../standin/wire.h"
#include "bytes.h"
#include "check.h"
#include "json_text.h"

static const uint8_t no_tokens[1];

static int32_t read_bytes(const void *bytes, size_t length, xpc_object_t *message) {
    /* A copy of exactly this size, so that sanitizers see a step beyond it. */
    uint8_t *copy = malloc(length == 0 ? 1 : length);
    memcpy(copy, bytes, length);
    struct value_source source = {
        .bytes = copy,
        .length = length,
        .has_tokens = true,
        .tokens = no_tokens,
        .refuse_ill_formed_text = true,
    };
    int32_t status = read_message(&source, message);
    free(copy);
    return status;
}

/* The status for bytes; a message that was read is dropped. */
static int32_t status_of(const void *bytes, size_t length) {
    xpc_object_t message;
    int32_t status = read_bytes(bytes, length, &message);
    if (status == CODEXPC_OK) xpc_release(message);
    return status;
}

/* A dictionary with one entry, "k", whose value is given as bytes. */
static struct bytes_builder entry_of(const void *value, size_t length) {
    struct bytes_builder builder = {0};
    put_head(&builder, TAG_DICTIONARY, 1);
    put_text(&builder, "k");
    put_bytes(&builder, value, length);
    return builder;
}

static int32_t status_of_entry(const void *value, size_t length) {
    struct bytes_builder builder = entry_of(value, length);
    int32_t status = status_of(builder.bytes, builder.length);
    free_bytes(&builder);
    return status;
}

/* One of everything. */
static struct bytes_builder specimen(void) {
    struct bytes_builder builder = {0};
    put_head(&builder, TAG_DICTIONARY, 9);
    put_text(&builder, "null");
    put_tag(&builder, TAG_NULL);
    put_text(&builder, "false");
    put_tag(&builder, TAG_FALSE);
    put_text(&builder, "true");
    put_tag(&builder, TAG_TRUE);
    put_text(&builder, "int64");
    put_tag(&builder, TAG_INT64);
    int64_t negative = -5;
    put_bytes(&builder, &negative, sizeof negative);
    put_uint64_entry(&builder, "uint64", 5);
    put_text(&builder, "double");
    put_tag(&builder, TAG_DOUBLE);
    double half = 0.5;
    put_bytes(&builder, &half, sizeof half);
    put_string_entry(&builder, "string", "gr\xc3\xbc\xc3\x9f");
    put_text(&builder, "data");
    put_tag(&builder, TAG_DATA);
    put_u32(&builder, 3);
    put_bytes(&builder, "\0\1\2", 3);
    put_text(&builder, "array");
    put_head(&builder, TAG_ARRAY, 2);
    put_tag(&builder, TAG_TRUE);
    put_head(&builder, TAG_DICTIONARY, 0);
    return builder;
}

static void everything(void) {
    struct bytes_builder builder = specimen();
    xpc_object_t message;
    CHECK_INT(read_bytes(builder.bytes, builder.length, &message), CODEXPC_OK);
    char *json = json_of(message);
    CHECK_TEXT(json, "{\"null\":null,\"false\":false,\"true\":true,\"int64\":-5,\"uint64\":5,\"double\":0.5,"
                     "\"string\":\"gr\xc3\xbc\xc3\x9f\",\"data\":{\"$data\":\"AAEC\"},\"array\":[true,{}]}");
    free(json);
    /* The stand-in's writer gives the same bytes back. */
    CHECK_INT((int64_t)wire_size(message), (int64_t)builder.length);
    uint8_t *written = malloc(builder.length);
    CHECK(wire_write(written, message) == written + builder.length);
    CHECK(memcmp(written, builder.bytes, builder.length) == 0);
    free(written);
    xpc_release(message);
    free_bytes(&builder);
}

static void cut_off(void) {
    struct bytes_builder builder = specimen();
    for (size_t length = 0; length < builder.length; length++) {
        if (status_of(builder.bytes, length) != CODEXPC_ERROR_MALFORMED) CHECK_INT((int64_t)length, -1);
    }
    put_tag(&builder, TAG_NULL);
    CHECK_INT(status_of(builder.bytes, builder.length), CODEXPC_ERROR_MALFORMED);
    free_bytes(&builder);
}

static void wrong_root(void) {
    CHECK_INT(status_of("", 0), CODEXPC_ERROR_MALFORMED);
    CHECK_INT(status_of("\x00", 1), CODEXPC_ERROR_MALFORMED);
    CHECK_INT(status_of("\x08\0\0\0\0", 5), CODEXPC_ERROR_MALFORMED);
    CHECK_INT(status_of("\x0a", 1), CODEXPC_ERROR_MALFORMED);
    CHECK_INT(status_of("\x09\0\0\0\0", 5), CODEXPC_OK);
}

static void unknown_tags(void) {
    for (unsigned tag = TAG_TOKENS + 1; tag < 256; tag++) {
        uint8_t byte = (uint8_t)tag;
        if (status_of_entry(&byte, 1) != CODEXPC_ERROR_MALFORMED) CHECK_INT(tag, -1);
    }
}

static void lying_counts(void) {
    CHECK_INT(status_of("\x09\xff\xff\xff\xff", 5), CODEXPC_ERROR_MALFORMED);
    CHECK_INT(status_of_entry("\x08\xff\xff\xff\xff", 5), CODEXPC_ERROR_MALFORMED);
    CHECK_INT(status_of_entry("\x06\xff\xff\xff\xff", 5), CODEXPC_ERROR_MALFORMED);
    CHECK_INT(status_of_entry("\x07\xff\xff\xff\xff", 5), CODEXPC_ERROR_MALFORMED);
    CHECK_INT(status_of_entry("\x08\2\0\0\0\0", 6), CODEXPC_ERROR_MALFORMED);
}

static void bad_text(void) {
    CHECK_INT(status_of_entry("\x06\3\0\0\0a\0b", 8), CODEXPC_ERROR_TEXT);
    CHECK_INT(status_of_entry("\x06\1\0\0\0\xff", 6), CODEXPC_ERROR_TEXT);
    CHECK_INT(status_of("\x09\1\0\0\0\1\0\0\0\0\0", 11), CODEXPC_ERROR_TEXT);
    CHECK_INT(status_of("\x09\1\0\0\0\1\0\0\0\xff\0", 11), CODEXPC_ERROR_TEXT);
    /* What a peer sends may be ill-formed, but never holds a NUL. */
    struct value_source lenient = {.bytes = (const uint8_t *)"\x09\1\0\0\0\1\0\0\0k\x06\1\0\0\0\xff", .length = 16};
    xpc_object_t message;
    CHECK_INT(read_message(&lenient, &message), CODEXPC_OK);
    xpc_release(message);
    lenient.bytes = (const uint8_t *)"\x09\1\0\0\0\1\0\0\0k\x06\1\0\0\0\0";
    CHECK_INT(read_message(&lenient, &message), CODEXPC_ERROR_TEXT);
}

static void depth(void) {
    for (unsigned levels = CODEXPC_MAX_DEPTH - 1; levels <= CODEXPC_MAX_DEPTH + 1; levels++) {
        struct bytes_builder arrays = {0};
        /* The dictionary around them is a level too. */
        for (unsigned level = 1; level < levels; level++) put_head(&arrays, TAG_ARRAY, level + 1 < levels ? 1 : 0);
        int32_t status = status_of_entry(arrays.bytes, arrays.length);
        CHECK_INT(status, levels <= CODEXPC_MAX_DEPTH ? CODEXPC_OK : CODEXPC_ERROR_TOO_DEEP);
        free_bytes(&arrays);
    }
    struct bytes_builder endless = {0};
    for (unsigned level = 0; level < 100000; level++) put_head(&endless, TAG_ARRAY, 1);
    CHECK_INT(status_of_entry(endless.bytes, endless.length), CODEXPC_ERROR_TOO_DEEP);
    free_bytes(&endless);
}

static void repeated_keys(void) {
    struct bytes_builder builder = {0};
    put_head(&builder, TAG_DICTIONARY, 2);
    put_uint64_entry(&builder, "k", 1);
    put_uint64_entry(&builder, "k", 2);
    xpc_object_t message;
    CHECK_INT(read_bytes(builder.bytes, builder.length, &message), CODEXPC_OK);
    CHECK_INT((int64_t)xpc_dictionary_get_uint64(message, "k"), 2);
    CHECK_INT((int64_t)xpc_dictionary_get_count(message), 1);
    xpc_release(message);
    free_bytes(&builder);
}

static void tokens(void) {
    struct bytes_builder builder = entry_of("\x0a", 1);
    static const uint8_t four[] = {1, 0, 0, 0};
    struct value_source source = {
        .bytes = builder.bytes,
        .length = builder.length,
        .has_tokens = true,
        .tokens = four,
        .tokens_length = sizeof four,
    };
    xpc_object_t message;
    CHECK_INT(read_message(&source, &message), CODEXPC_OK);
    size_t length;
    const void *data = xpc_dictionary_get_data(message, "k", &length);
    CHECK(length == sizeof four && memcmp(data, four, sizeof four) == 0);
    xpc_release(message);

    source.tokens_length = 0;
    CHECK_INT(read_message(&source, &message), CODEXPC_OK);
    data = xpc_dictionary_get_data(message, "k", &length);
    CHECK(data != NULL && length == 0);
    xpc_release(message);

    source.tokens_length = CODEXPC_MAX_MESSAGE_BYTES;
    CHECK_INT(read_message(&source, &message), CODEXPC_ERROR_TOO_LARGE);

    source.tokens_length = 0;
    source.has_tokens = false;
    CHECK_INT(read_message(&source, &message), CODEXPC_ERROR_MALFORMED);
    free_bytes(&builder);

    CHECK_INT(status_of_entry("\x08\2\0\0\0\x0a\x0a", 7), CODEXPC_ERROR_MALFORMED);
    source = (struct value_source){.bytes = (const uint8_t *)"\x09\0\0\0\0", .length = 5};
    source.has_tokens = true;
    source.tokens = four;
    source.tokens_length = sizeof four;
    CHECK_INT(read_message(&source, &message), CODEXPC_ERROR_MALFORMED);
}

static void many_entries(void) {
    enum { count = 50000 };
    struct bytes_builder builder = {0};
    put_head(&builder, TAG_DICTIONARY, count);
    for (uint32_t index = 0; index < count; index++) {
        put_u32(&builder, 5);
        uint8_t key[5] = {(uint8_t)('a' + index % 26), (uint8_t)('a' + index / 26 % 26),
                          (uint8_t)('a' + index / 676 % 26), (uint8_t)('a' + index / 17576), 'k'};
        put_bytes(&builder, key, sizeof key);
        put_head(&builder, TAG_ARRAY, 0);
    }
    xpc_object_t message;
    CHECK_INT(read_bytes(builder.bytes, builder.length, &message), CODEXPC_OK);
    CHECK_INT((int64_t)xpc_dictionary_get_count(message), count);
    CHECK(xpc_dictionary_get_value(message, "abcak") != NULL);
    CHECK(xpc_dictionary_get_value(message, "zzzzz") == NULL);
    xpc_release(message);
    free_bytes(&builder);
}

/* Every change of one byte, and many of several: a status or a message, and no step out of bounds. */
static void mutations(void) {
    struct bytes_builder builder = specimen();
    unsigned accepted = 0;
    for (size_t at = 0; at < builder.length; at++) {
        uint8_t original = builder.bytes[at];
        for (unsigned value = 0; value < 256; value++) {
            builder.bytes[at] = (uint8_t)value;
            accepted += status_of(builder.bytes, builder.length) == CODEXPC_OK;
        }
        builder.bytes[at] = original;
    }
    CHECK(accepted > builder.length);
    uint32_t random = 2463534242u;
    uint8_t *changed = malloc(builder.length);
    for (unsigned round = 0; round < 50000; round++) {
        memcpy(changed, builder.bytes, builder.length);
        for (unsigned change = 0; change < 1 + round % 6; change++) {
            /* xorshift32. */
            random ^= random << 13;
            random ^= random >> 17;
            random ^= random << 5;
            changed[5 + random % (builder.length - 5)] = (uint8_t)((random >> 16) % 12);
        }
        int32_t status = status_of(changed, builder.length);
        CHECK(status == CODEXPC_OK || status == CODEXPC_ERROR_MALFORMED || status == CODEXPC_ERROR_TEXT);
    }
    free(changed);
    free_bytes(&builder);
}

int main(void) {
    run_test("every type is read, and written back as the same bytes", everything);
    run_test("bytes that are cut off anywhere or left over are malformed", cut_off);
    run_test("only a dictionary is a message", wrong_root);
    run_test("unknown tags are malformed", unknown_tags);
    run_test("counts and lengths beyond the bytes are malformed and allocate nothing", lying_counts);
    run_test("text with a NUL or ill-formed text is refused", bad_text);
    run_test("nesting is limited", depth);
    run_test("a key that comes twice has its last value", repeated_keys);
    run_test("the tokens marker becomes data, once, and only where there are tokens", tokens);
    run_test("dictionaries with very many keys are read", many_entries);
    run_test("no change of the bytes leads out of them", mutations);
    return finish_tests();
}
