/* How values are laid out, and their counting. Not for users of <xpc/xpc.h>. */
#ifndef STANDIN_OBJECT_H
#define STANDIN_OBJECT_H

#include <stdatomic.h>
#include <stddef.h>
#include <xpc/xpc.h>

/* What every value begins with. A value that was not allocated has no references and is never freed. */
struct object {
    xpc_type_t type;
    atomic_uint references;
};

struct _xpc_error_s {
    struct object object;
    const char *description;
};

void *allocate(size_t size);
void *reallocate(void *memory, size_t size);
/* An object of `size` bytes with one reference, zero behind its head. */
void *allocate_object(xpc_type_t type, size_t size);

/* Ends the process: the caller broke a rule of the API. */
_Noreturn void misuse(const char *rule);

/* What the types free when their last reference goes. */
void array_dispose(xpc_object_t array);
void dictionary_dispose(xpc_object_t dictionary);
void connection_dispose(xpc_object_t connection);

#endif
