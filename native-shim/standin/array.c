#include "object.h"

#include <stdlib.h>

struct array {
    struct object object;
    xpc_object_t *values;
    size_t count;
    size_t capacity;
};

static struct array *array_of(xpc_object_t object) {
    if (xpc_get_type(object) != XPC_TYPE_ARRAY) misuse("not an array");
    return object;
}

xpc_object_t xpc_array_create(const xpc_object_t *objects, size_t count) {
    xpc_object_t array = allocate_object(XPC_TYPE_ARRAY, sizeof(struct array));
    for (size_t index = 0; index < count; index++) xpc_array_append_value(array, objects[index]);
    return array;
}

void xpc_array_append_value(xpc_object_t object, xpc_object_t value) {
    struct array *array = array_of(object);
    if (array->count == array->capacity) {
        array->capacity = array->capacity == 0 ? 4 : array->capacity * 2;
        array->values = reallocate(array->values, array->capacity * sizeof *array->values);
    }
    array->values[array->count++] = xpc_retain(value);
}

size_t xpc_array_get_count(xpc_object_t array) {
    return array_of(array)->count;
}

xpc_object_t xpc_array_get_value(xpc_object_t object, size_t index) {
    const struct array *array = array_of(object);
    if (index >= array->count) misuse("no such index in the array");
    return array->values[index];
}

void array_dispose(xpc_object_t object) {
    struct array *array = object;
    for (size_t index = 0; index < array->count; index++) xpc_release(array->values[index]);
    free(array->values);
}
