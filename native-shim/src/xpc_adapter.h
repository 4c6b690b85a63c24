/*
 * The places of libxpc that take a block, as functions that take a function and a context. With Apple's libxpc they
 * wrap blocks; the stand-in has them as functions, so that compilers without blocks can build it.
 */
#ifndef XPC_ADAPTER_H
#define XPC_ADAPTER_H

#include <stdbool.h>
#include <xpc/xpc.h>

typedef void (*event_function)(void *context, xpc_object_t event);
/* Returns whether to go on. */
typedef bool (*entry_function)(void *context, const char *key, xpc_object_t value);

static inline void set_event_handler(xpc_connection_t connection, event_function handler, void *context) {
#ifdef XPC_STANDIN
    xpc_standin_connection_set_event_handler(connection, handler, context);
#else
    xpc_connection_set_event_handler(connection, ^(xpc_object_t event) {
      handler(context, event);
    });
#endif
}

/* Calls `each` for the entries in no particular order; returns false when it was stopped. */
static inline bool for_each_entry(xpc_object_t dictionary, entry_function each, void *context) {
#ifdef XPC_STANDIN
    return xpc_standin_dictionary_apply(dictionary, each, context);
#else
    return xpc_dictionary_apply(dictionary, ^bool(const char *key, xpc_object_t value) {
      return each(context, key, value);
    });
#endif
}

/* Whether an event is one of the XPC_ERROR_ constants, which compare by address. */
#define IS_XPC_ERROR(event, error) ((const void *)(event) == (const void *)(error))

#endif
