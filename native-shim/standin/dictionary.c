#include "object.h"

#include <stdlib.h>
#include <string.h>

struct entry {
    char *key;
    uint32_t hash;
    xpc_object_t value;
};

/*
 * The entries in the order in which their keys first came, and an index of them: a power of two of places, each 0 or
 * one more than an entry's number, searched onwards from the place of the key's hash. Small dictionaries have none.
 */
struct dictionary {
    struct object object;
    struct entry *entries;
    size_t count;
    size_t capacity;
    uint32_t *places;
    size_t place_count;
};

enum { largest_without_index = 8 };

static struct dictionary *dictionary_of(xpc_object_t object) {
    if (xpc_get_type(object) != XPC_TYPE_DICTIONARY) misuse("not a dictionary");
    return object;
}

/* FNV-1a. */
static uint32_t hash_of(const char *key) {
    uint32_t hash = 2166136261u;
    for (; *key != '\0'; key++) hash = (hash ^ (uint8_t)*key) * 16777619u;
    return hash;
}

static bool is_entry(const struct entry *entry, const char *key, uint32_t hash) {
    return entry->hash == hash && strcmp(entry->key, key) == 0;
}

static struct entry *find(const struct dictionary *dictionary, const char *key, uint32_t hash) {
    if (dictionary->places == NULL) {
        for (size_t index = 0; index < dictionary->count; index++) {
            if (is_entry(&dictionary->entries[index], key, hash)) return &dictionary->entries[index];
        }
        return NULL;
    }
    size_t mask = dictionary->place_count - 1;
    for (size_t place = hash & mask; dictionary->places[place] != 0; place = (place + 1) & mask) {
        struct entry *entry = &dictionary->entries[dictionary->places[place] - 1];
        if (is_entry(entry, key, hash)) return entry;
    }
    return NULL;
}

static void index_entry(struct dictionary *dictionary, size_t number) {
    size_t mask = dictionary->place_count - 1;
    size_t place = dictionary->entries[number].hash & mask;
    while (dictionary->places[place] != 0) place = (place + 1) & mask;
    dictionary->places[place] = (uint32_t)number + 1;
}

static void index_all(struct dictionary *dictionary) {
    free(dictionary->places);
    dictionary->places = NULL;
    dictionary->place_count = 0;
    if (dictionary->count <= largest_without_index) return;
    size_t place_count = 32;
    while (place_count < dictionary->capacity * 2) place_count *= 2;
    dictionary->places = allocate(place_count * sizeof *dictionary->places);
    memset(dictionary->places, 0, place_count * sizeof *dictionary->places);
    dictionary->place_count = place_count;
    for (size_t number = 0; number < dictionary->count; number++) index_entry(dictionary, number);
}

static void add(struct dictionary *dictionary, const char *key, uint32_t hash, xpc_object_t value) {
    bool grows = dictionary->count == dictionary->capacity;
    if (grows) {
        dictionary->capacity = dictionary->capacity == 0 ? largest_without_index : dictionary->capacity * 2;
        dictionary->entries = reallocate(dictionary->entries, dictionary->capacity * sizeof *dictionary->entries);
    }
    size_t size = strlen(key) + 1;
    struct entry entry = {.key = allocate(size), .hash = hash, .value = xpc_retain(value)};
    memcpy(entry.key, key, size);
    dictionary->entries[dictionary->count++] = entry;
    if (grows) index_all(dictionary);
    else if (dictionary->places != NULL) index_entry(dictionary, dictionary->count - 1);
}

static void remove_entry(struct dictionary *dictionary, struct entry *entry) {
    free(entry->key);
    xpc_release(entry->value);
    size_t number = (size_t)(entry - dictionary->entries);
    dictionary->count--;
    memmove(entry, entry + 1, (dictionary->count - number) * sizeof *entry);
    index_all(dictionary);
}

xpc_object_t xpc_dictionary_create(const char *const *keys, const xpc_object_t *values, size_t count) {
    xpc_object_t dictionary = allocate_object(XPC_TYPE_DICTIONARY, sizeof(struct dictionary));
    for (size_t index = 0; index < count; index++) xpc_dictionary_set_value(dictionary, keys[index], values[index]);
    return dictionary;
}

void xpc_dictionary_set_value(xpc_object_t object, const char *key, xpc_object_t value) {
    struct dictionary *dictionary = dictionary_of(object);
    uint32_t hash = hash_of(key);
    struct entry *entry = find(dictionary, key, hash);
    if (value == NULL) {
        if (entry != NULL) remove_entry(dictionary, entry);
    } else if (entry != NULL) {
        xpc_object_t previous = entry->value;
        entry->value = xpc_retain(value);
        xpc_release(previous);
    } else {
        add(dictionary, key, hash, value);
    }
}

xpc_object_t xpc_dictionary_get_value(xpc_object_t object, const char *key) {
    const struct entry *entry = find(dictionary_of(object), key, hash_of(key));
    return entry != NULL ? entry->value : NULL;
}

size_t xpc_dictionary_get_count(xpc_object_t object) {
    return dictionary_of(object)->count;
}

bool xpc_standin_dictionary_apply(xpc_object_t object, bool (*each)(void *context, const char *key, xpc_object_t value),
                                  void *context) {
    const struct dictionary *dictionary = dictionary_of(object);
    for (size_t index = 0; index < dictionary->count; index++) {
        if (!each(context, dictionary->entries[index].key, dictionary->entries[index].value)) return false;
    }
    return true;
}

void dictionary_dispose(xpc_object_t object) {
    struct dictionary *dictionary = object;
    for (size_t index = 0; index < dictionary->count; index++) {
        free(dictionary->entries[index].key);
        xpc_release(dictionary->entries[index].value);
    }
    free(dictionary->entries);
    free(dictionary->places);
}

/* Takes over the caller's reference. */
static void set_created(xpc_object_t dictionary, const char *key, xpc_object_t value) {
    xpc_dictionary_set_value(dictionary, key, value);
    xpc_release(value);
}

/* The value when it is of that type, else NULL. */
static xpc_object_t get_typed(xpc_object_t dictionary, const char *key, xpc_type_t type) {
    xpc_object_t value = xpc_dictionary_get_value(dictionary, key);
    return value != NULL && xpc_get_type(value) == type ? value : NULL;
}

void xpc_dictionary_set_bool(xpc_object_t dictionary, const char *key, bool value) {
    set_created(dictionary, key, xpc_bool_create(value));
}

bool xpc_dictionary_get_bool(xpc_object_t dictionary, const char *key) {
    xpc_object_t value = get_typed(dictionary, key, XPC_TYPE_BOOL);
    return value != NULL && xpc_bool_get_value(value);
}

void xpc_dictionary_set_int64(xpc_object_t dictionary, const char *key, int64_t value) {
    set_created(dictionary, key, xpc_int64_create(value));
}

int64_t xpc_dictionary_get_int64(xpc_object_t dictionary, const char *key) {
    xpc_object_t value = get_typed(dictionary, key, XPC_TYPE_INT64);
    return value != NULL ? xpc_int64_get_value(value) : 0;
}

void xpc_dictionary_set_uint64(xpc_object_t dictionary, const char *key, uint64_t value) {
    set_created(dictionary, key, xpc_uint64_create(value));
}

uint64_t xpc_dictionary_get_uint64(xpc_object_t dictionary, const char *key) {
    xpc_object_t value = get_typed(dictionary, key, XPC_TYPE_UINT64);
    return value != NULL ? xpc_uint64_get_value(value) : 0;
}

void xpc_dictionary_set_double(xpc_object_t dictionary, const char *key, double value) {
    set_created(dictionary, key, xpc_double_create(value));
}

double xpc_dictionary_get_double(xpc_object_t dictionary, const char *key) {
    xpc_object_t value = get_typed(dictionary, key, XPC_TYPE_DOUBLE);
    return value != NULL ? xpc_double_get_value(value) : 0;
}

void xpc_dictionary_set_string(xpc_object_t dictionary, const char *key, const char *value) {
    set_created(dictionary, key, xpc_string_create(value));
}

const char *xpc_dictionary_get_string(xpc_object_t dictionary, const char *key) {
    xpc_object_t value = get_typed(dictionary, key, XPC_TYPE_STRING);
    return value != NULL ? xpc_string_get_string_ptr(value) : NULL;
}

void xpc_dictionary_set_data(xpc_object_t dictionary, const char *key, const void *bytes, size_t length) {
    set_created(dictionary, key, xpc_data_create(bytes, length));
}

const void *xpc_dictionary_get_data(xpc_object_t dictionary, const char *key, size_t *length) {
    xpc_object_t value = get_typed(dictionary, key, XPC_TYPE_DATA);
    *length = value != NULL ? xpc_data_get_length(value) : 0;
    return value != NULL ? xpc_data_get_bytes_ptr(value) : NULL;
}
