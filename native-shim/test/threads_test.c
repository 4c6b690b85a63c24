/* Many threads at the ABI at once; of most use under TSan. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../include/codexpc_shim.h"
#include "../src/value_reader.h"
#include "bytes.h"
#include "check.h"
#include "daemon.h"
#include "process.h"

enum { sender_count = 4, messages_each = 300 };

struct sender {
    pthread_t thread;
    int32_t handle;
    unsigned number;
    unsigned sent;
};

static void *send_many(void *context) {
    struct sender *sender = context;
    for (unsigned index = 0; index < messages_each; index++) {
        struct bytes_builder builder = {0};
        put_head(&builder, TAG_DICTIONARY, 3);
        put_string_entry(&builder, "type", "echo");
        put_uint64_entry(&builder, "sender", sender->number);
        put_uint64_entry(&builder, "index", index);
        int32_t status = codexpc_send(sender->handle, builder.bytes, (uint32_t)builder.length, NULL, 0);
        free_bytes(&builder);
        if (status != CODEXPC_OK) {
            CHECK(status == CODEXPC_ERROR_HANDLE || status == CODEXPC_ERROR_ENDED);
            break;
        }
        sender->sent++;
    }
    return NULL;
}

static void start_senders(struct sender *senders, int32_t handle) {
    for (unsigned number = 0; number < sender_count; number++) {
        senders[number] = (struct sender){.handle = handle, .number = number};
        pthread_create(&senders[number].thread, NULL, send_many, &senders[number]);
    }
}

static void join_senders(struct sender *senders) {
    for (unsigned number = 0; number < sender_count; number++) pthread_join(senders[number].thread, NULL);
}

static unsigned number_after(const char *json, const char *name) {
    const char *at = json == NULL ? NULL : strstr(json, name);
    return at == NULL ? UINT32_MAX : (unsigned)strtoul(at + strlen(name), NULL, 10);
}

static void shared_handle(void) {
    const char *path = new_socket_path();
    struct daemon *daemon = daemon_start(path);
    int32_t events;
    int32_t handle = codexpc_open(path, &events);
    struct sender senders[sender_count];
    start_senders(senders, handle);
    unsigned next[sender_count] = {0};
    for (unsigned count = 0; count < sender_count * messages_each; count++) {
        char *event = next_event(events);
        unsigned number = number_after(event, "\"sender\":");
        CHECK(number < sender_count);
        if (number < sender_count) CHECK_INT(number_after(event, "\"index\":"), next[number]++);
        free(event);
    }
    join_senders(senders);
    CHECK_INT(codexpc_close(handle), CODEXPC_OK);
    EXPECT_EVENT(events, "\"$closed\"");
    close(events);
    daemon_stop(daemon);
}

static void close_meanwhile(void) {
    const char *path = new_socket_path();
    struct daemon *daemon = daemon_start(path);
    for (int round = 0; round < 20; round++) {
        int32_t events;
        int32_t handle = codexpc_open(path, &events);
        struct sender senders[sender_count];
        start_senders(senders, handle);
        char *event = next_event(events);
        CHECK(event != NULL);
        free(event);
        CHECK_INT(codexpc_close(handle), CODEXPC_OK);
        join_senders(senders);
        unsigned ends = 0;
        while ((event = next_event(events)) != NULL) {
            ends += strcmp(event, "\"$closed\"") == 0;
            free(event);
        }
        CHECK_INT(ends, 1);
        close(events);
    }
    daemon_stop(daemon);
}

static void *open_and_close(void *context) {
    for (int round = 0; round < 100; round++) {
        int32_t events;
        int32_t handle = codexpc_open(context, &events);
        CHECK(handle > 0);
        CHECK_INT(codexpc_close(handle), CODEXPC_OK);
        char *event;
        while ((event = next_event(events)) != NULL) free(event);
        close(events);
    }
    return NULL;
}

static void many_connections(void) {
    const char *path = new_socket_path();
    struct daemon *daemon = daemon_start(path);
    unsigned descriptors = open_descriptors();
    pthread_t threads[sender_count];
    for (unsigned index = 0; index < sender_count; index++) {
        pthread_create(&threads[index], NULL, open_and_close, (void *)path);
    }
    for (unsigned index = 0; index < sender_count; index++) pthread_join(threads[index], NULL);
    daemon_wait_for_peers(daemon, 0);
    wait_for_counts(descriptors, UINT32_MAX);
    daemon_stop(daemon);
}

int main(void) {
    run_test("threads that share a handle each keep their order", shared_handle);
    run_test("a handle that is closed while others send ends once", close_meanwhile);
    run_test("threads open and close connections of their own", many_connections);
    return finish_tests();
}
