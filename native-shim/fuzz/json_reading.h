/* A second opinion on the JSON writer: reads its text beside the value it is of. Shares no code with the writer. */
#ifndef FUZZ_JSON_READING_H
#define FUZZ_JSON_READING_H

#include <stdbool.h>
#include <stddef.h>
#include <xpc/xpc.h>

/* Whether the text is JSON (RFC 8259) in well-formed UTF-8 that says of the value what codexpc_shim.h promises. */
bool says(const char *json, size_t length, xpc_object_t value);

#endif
