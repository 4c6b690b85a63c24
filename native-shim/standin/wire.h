/* XPC values → the tagged bytes of the stand-in's wire. The other direction is src/value_reader.h. */
#ifndef STANDIN_WIRE_H
#define STANDIN_WIRE_H

#include <stddef.h>
#include <stdint.h>
#include <xpc/xpc.h>

enum { frame_header_bytes = 4, largest_frame_bytes = 64 * 1024 * 1024 };

/* The value's size in tagged bytes. */
size_t wire_size(xpc_object_t value);

/* Writes the `wire_size` bytes of a value and returns where they end. */
uint8_t *wire_write(uint8_t *to, xpc_object_t value);

#endif
