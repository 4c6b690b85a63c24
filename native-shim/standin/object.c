#include "object.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct _xpc_type_s _xpc_type_array = {"array"};
const struct _xpc_type_s _xpc_type_bool = {"bool"};
const struct _xpc_type_s _xpc_type_connection = {"connection"};
const struct _xpc_type_s _xpc_type_data = {"data"};
const struct _xpc_type_s _xpc_type_dictionary = {"dictionary"};
const struct _xpc_type_s _xpc_type_double = {"double"};
const struct _xpc_type_s _xpc_type_error = {"error"};
const struct _xpc_type_s _xpc_type_int64 = {"int64"};
const struct _xpc_type_s _xpc_type_null = {"null"};
const struct _xpc_type_s _xpc_type_string = {"string"};
const struct _xpc_type_s _xpc_type_uint64 = {"uint64"};

const struct _xpc_error_s _xpc_error_connection_interrupted = {{XPC_TYPE_ERROR, 0}, "Connection interrupted"};
const struct _xpc_error_s _xpc_error_connection_invalid = {{XPC_TYPE_ERROR, 0}, "Connection invalid"};
const struct _xpc_error_s _xpc_error_termination_imminent = {{XPC_TYPE_ERROR, 0}, "Process must exit soon"};

static struct object null_object = {XPC_TYPE_NULL, 0};
static struct object false_object = {XPC_TYPE_BOOL, 0};
static struct object true_object = {XPC_TYPE_BOOL, 0};

struct number {
    struct object object;
    union {
        int64_t int64;
        uint64_t uint64;
        double real;
    } value;
};

/* String or data; a NUL follows the bytes. */
struct bytes {
    struct object object;
    size_t length;
    char bytes[];
};

_Noreturn void misuse(const char *rule) {
    fprintf(stderr, "xpc stand-in: API misuse: %s\n", rule);
    abort();
}

void *reallocate(void *memory, size_t size) {
    void *allocated = realloc(memory, size);
    if (allocated == NULL) {
        fprintf(stderr, "xpc stand-in: out of memory\n");
        abort();
    }
    return allocated;
}

void *allocate(size_t size) {
    return reallocate(NULL, size);
}

void *allocate_object(xpc_type_t type, size_t size) {
    struct object *object = allocate(size);
    memset(object, 0, size);
    object->type = type;
    atomic_init(&object->references, 1);
    return object;
}

xpc_type_t xpc_get_type(xpc_object_t object) {
    return ((const struct object *)object)->type;
}

xpc_object_t xpc_retain(xpc_object_t retained) {
    struct object *object = retained;
    if (atomic_load(&object->references) > 0) atomic_fetch_add(&object->references, 1);
    return retained;
}

void xpc_release(xpc_object_t released) {
    struct object *object = released;
    if (atomic_load(&object->references) == 0) return;
    if (atomic_fetch_sub(&object->references, 1) > 1) return;
    if (object->type == XPC_TYPE_ARRAY) array_dispose(object);
    else if (object->type == XPC_TYPE_DICTIONARY) dictionary_dispose(object);
    else if (object->type == XPC_TYPE_CONNECTION) connection_dispose(object);
    free(object);
}

xpc_object_t xpc_null_create(void) {
    return &null_object;
}

xpc_object_t xpc_bool_create(bool value) {
    return value ? &true_object : &false_object;
}

bool xpc_bool_get_value(xpc_object_t object) {
    return object == &true_object;
}

static struct number *create_number(xpc_type_t type) {
    return allocate_object(type, sizeof(struct number));
}

xpc_object_t xpc_int64_create(int64_t value) {
    struct number *number = create_number(XPC_TYPE_INT64);
    number->value.int64 = value;
    return number;
}

int64_t xpc_int64_get_value(xpc_object_t object) {
    return xpc_get_type(object) == XPC_TYPE_INT64 ? ((const struct number *)object)->value.int64 : 0;
}

xpc_object_t xpc_uint64_create(uint64_t value) {
    struct number *number = create_number(XPC_TYPE_UINT64);
    number->value.uint64 = value;
    return number;
}

uint64_t xpc_uint64_get_value(xpc_object_t object) {
    return xpc_get_type(object) == XPC_TYPE_UINT64 ? ((const struct number *)object)->value.uint64 : 0;
}

xpc_object_t xpc_double_create(double value) {
    struct number *number = create_number(XPC_TYPE_DOUBLE);
    number->value.real = value;
    return number;
}

double xpc_double_get_value(xpc_object_t object) {
    return xpc_get_type(object) == XPC_TYPE_DOUBLE ? ((const struct number *)object)->value.real : 0;
}

static xpc_object_t create_bytes(xpc_type_t type, const void *from, size_t length) {
    struct bytes *bytes = allocate_object(type, sizeof *bytes + length + 1);
    bytes->length = length;
    if (length > 0) memcpy(bytes->bytes, from, length);
    return bytes;
}

xpc_object_t xpc_data_create(const void *bytes, size_t length) {
    return create_bytes(XPC_TYPE_DATA, bytes, length);
}

size_t xpc_data_get_length(xpc_object_t object) {
    return xpc_get_type(object) == XPC_TYPE_DATA ? ((const struct bytes *)object)->length : 0;
}

const void *xpc_data_get_bytes_ptr(xpc_object_t object) {
    return xpc_get_type(object) == XPC_TYPE_DATA ? ((const struct bytes *)object)->bytes : NULL;
}

xpc_object_t xpc_string_create(const char *string) {
    return create_bytes(XPC_TYPE_STRING, string, strlen(string));
}

size_t xpc_string_get_length(xpc_object_t object) {
    return xpc_get_type(object) == XPC_TYPE_STRING ? ((const struct bytes *)object)->length : 0;
}

const char *xpc_string_get_string_ptr(xpc_object_t object) {
    return xpc_get_type(object) == XPC_TYPE_STRING ? ((const struct bytes *)object)->bytes : NULL;
}
