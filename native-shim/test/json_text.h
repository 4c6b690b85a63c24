#ifndef JSON_TEXT_H
#define JSON_TEXT_H

#include <xpc/xpc.h>

/* The value as NUL-terminated JSON, to be freed. */
char *json_of(xpc_object_t value);

#endif
