/* Tagged bytes (the table in codexpc_shim.h) → XPC values. */
#ifndef VALUE_READER_H
#define VALUE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xpc/xpc.h>

enum value_tag {
    TAG_NULL = 0x00,
    TAG_FALSE = 0x01,
    TAG_TRUE = 0x02,
    TAG_INT64 = 0x03,
    TAG_UINT64 = 0x04,
    TAG_DOUBLE = 0x05,
    TAG_STRING = 0x06,
    TAG_DATA = 0x07,
    TAG_ARRAY = 0x08,
    TAG_DICTIONARY = 0x09,
    TAG_TOKENS = 0x0a,
};

struct value_source {
    const uint8_t *bytes;
    size_t length;
    /* What the tokens marker stands for. Without `has_tokens` a marker is malformed; with it, tokens that no marker
       uses are. */
    bool has_tokens;
    const uint8_t *tokens;
    size_t tokens_length;
    /* XPC strings are C strings: they can't hold a NUL, but they can hold ill-formed UTF-8. */
    bool refuse_ill_formed_text;
};

/* Reads the dictionary that fills `source`. Returns CODEXPC_OK and a reference in `*message`, or another status. */
int32_t read_message(const struct value_source *source, xpc_object_t *message);

#endif
