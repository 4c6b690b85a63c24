#include "bytes.h"

#include <stdlib.h>
#include <string.h>

#include "../src/value_reader.h"

void put_bytes(struct bytes_builder *builder, const void *bytes, size_t length) {
    if (builder->length + length > builder->capacity) {
        builder->capacity = (builder->length + length) * 2;
        builder->bytes = realloc(builder->bytes, builder->capacity);
        if (builder->bytes == NULL) abort();
    }
    if (length > 0) memcpy(builder->bytes + builder->length, bytes, length);
    builder->length += length;
}

void put_tag(struct bytes_builder *builder, uint8_t tag) {
    put_bytes(builder, &tag, 1);
}

void put_u32(struct bytes_builder *builder, uint32_t value) {
    put_bytes(builder, &value, sizeof value);
}

void put_text(struct bytes_builder *builder, const char *text) {
    put_u32(builder, (uint32_t)strlen(text));
    put_bytes(builder, text, strlen(text));
}

void put_head(struct bytes_builder *builder, uint8_t tag, uint32_t count) {
    put_tag(builder, tag);
    put_u32(builder, count);
}

void put_string_entry(struct bytes_builder *builder, const char *key, const char *value) {
    put_text(builder, key);
    put_tag(builder, TAG_STRING);
    put_text(builder, value);
}

void put_uint64_entry(struct bytes_builder *builder, const char *key, uint64_t value) {
    put_text(builder, key);
    put_tag(builder, TAG_UINT64);
    put_bytes(builder, &value, sizeof value);
}

void free_bytes(struct bytes_builder *builder) {
    free(builder->bytes);
    *builder = (struct bytes_builder){0};
}
