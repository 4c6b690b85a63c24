#include "handles.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "../include/codexpc_shim.h"

enum { slot_bits = 10, slot_count = 1 << slot_bits, last_generation = INT32_MAX >> slot_bits };

_Static_assert(slot_count == CODEXPC_MAX_CONNECTIONS, "a handle has a slot for every connection");

struct slot {
    struct connection *connection;
    /* Of the handle given out last; 0 before the first. */
    int32_t generation;
    bool taken;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct slot slots[slot_count];
/* Where the search for a free slot begins. Going round makes generations last. */
static unsigned next_slot;

static int32_t handle_of(unsigned index) {
    return slots[index].generation << slot_bits | (int32_t)index;
}

/* The taken slot that `handle` names, or NULL. */
static struct slot *find(int32_t handle) {
    if (handle <= 0) return NULL;
    unsigned index = (unsigned)handle % slot_count;
    return slots[index].taken && handle_of(index) == handle ? &slots[index] : NULL;
}

int32_t handles_reserve(void) {
    int32_t handle = 0;
    pthread_mutex_lock(&lock);
    for (unsigned tried = 0; tried < slot_count && handle == 0; tried++) {
        unsigned index = next_slot;
        next_slot = (next_slot + 1) % slot_count;
        struct slot *slot = &slots[index];
        if (slot->taken) continue;
        slot->taken = true;
        slot->generation = slot->generation == last_generation ? 1 : slot->generation + 1;
        handle = handle_of(index);
    }
    pthread_mutex_unlock(&lock);
    return handle;
}

void handles_assign(int32_t handle, struct connection *connection) {
    pthread_mutex_lock(&lock);
    struct slot *slot = find(handle);
    if (slot != NULL) slot->connection = connection;
    pthread_mutex_unlock(&lock);
}

struct connection *handles_borrow(int32_t handle) {
    pthread_mutex_lock(&lock);
    struct slot *slot = find(handle);
    struct connection *connection = slot != NULL ? slot->connection : NULL;
    if (connection != NULL) connection_retain(connection);
    pthread_mutex_unlock(&lock);
    return connection;
}

struct connection *handles_remove(int32_t handle) {
    pthread_mutex_lock(&lock);
    struct slot *slot = find(handle);
    struct connection *connection = slot != NULL ? slot->connection : NULL;
    if (connection != NULL) {
        slot->connection = NULL;
        slot->taken = false;
    }
    pthread_mutex_unlock(&lock);
    return connection;
}

void handles_unreserve(int32_t handle) {
    pthread_mutex_lock(&lock);
    struct slot *slot = find(handle);
    if (slot != NULL) slot->taken = false;
    pthread_mutex_unlock(&lock);
}
