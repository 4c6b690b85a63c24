/* Tagged bytes written by hand, well-formed or not. */
#ifndef BYTES_H
#define BYTES_H

#include <stddef.h>
#include <stdint.h>

struct bytes_builder {
    uint8_t *bytes;
    size_t length;
    size_t capacity;
};

void put_bytes(struct bytes_builder *builder, const void *bytes, size_t length);
void put_tag(struct bytes_builder *builder, uint8_t tag);
void put_u32(struct bytes_builder *builder, uint32_t value);
/* A key, or what follows a string's tag. */
void put_text(struct bytes_builder *builder, const char *text);
/* A tag and a count: the head of an array or dictionary. */
void put_head(struct bytes_builder *builder, uint8_t tag, uint32_t count);
/* A key and a string as its value. */
void put_string_entry(struct bytes_builder *builder, const char *key, const char *value);
/* A key and a uint64. */
void put_uint64_entry(struct bytes_builder *builder, const char *key, uint64_t value);
void free_bytes(struct bytes_builder *builder);

#endif
