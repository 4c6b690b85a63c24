#include "outgoing.h"

#include <stdlib.h>
#include <string.h>

#include "object.h"
#include "wire.h"

struct outgoing *outgoing_message(xpc_object_t dictionary) {
    if (xpc_get_type(dictionary) != XPC_TYPE_DICTIONARY) misuse("a message has to be a dictionary");
    size_t size = wire_size(dictionary);
    if (size > largest_frame_bytes) misuse("a message is limited to 64 MiB");
    struct outgoing *item = allocate(sizeof *item + frame_header_bytes + size);
    *item = (struct outgoing){.length = frame_header_bytes + size};
    uint32_t size32 = (uint32_t)size;
    memcpy(item->bytes, &size32, sizeof size32);
    wire_write(item->bytes + frame_header_bytes, dictionary);
    return item;
}

struct outgoing *outgoing_barrier(void (*barrier)(void *context), void *context) {
    struct outgoing *item = allocate(sizeof *item);
    *item = (struct outgoing){.barrier = barrier, .context = context};
    return item;
}

void outgoing_append(struct outgoing_queue *queue, struct outgoing *item) {
    if (queue->first == NULL) queue->first = item;
    else queue->last->next = item;
    queue->last = item;
}

struct outgoing *outgoing_take(struct outgoing_queue *queue) {
    struct outgoing *item = queue->first;
    queue->first = item->next;
    item->next = NULL;
    return item;
}

void outgoing_unwind(struct outgoing_queue *queue) {
    while (queue->first != NULL) {
        struct outgoing *item = outgoing_take(queue);
        if (item->barrier != NULL) item->barrier(item->context);
        free(item);
    }
}
