/* The ABI over the stand-in, against a daemon's double. */
#include "../include/codexpc_shim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../src/value_reader.h"
#include "bytes.h"
#include "check.h"
#include "daemon.h"
#include "json_text.h"
#include "process.h"

static int32_t send_bytes(int32_t handle, struct bytes_builder *builder) {
    static const uint8_t none[1];
    int32_t status = codexpc_send(handle, builder->bytes, (uint32_t)builder->length, none, 0);
    free_bytes(builder);
    return status;
}

/* Sends {type, count, size}. */
static int32_t command(int32_t handle, const char *type, uint64_t count, uint64_t size) {
    struct bytes_builder builder = {0};
    put_head(&builder, TAG_DICTIONARY, 3);
    put_string_entry(&builder, "type", type);
    put_uint64_entry(&builder, "count", count);
    put_uint64_entry(&builder, "size", size);
    return send_bytes(handle, &builder);
}

static const char *const echoed = "{\"type\":\"echo\",\"count\":1,\"size\":2}";

static void expect_end(int32_t handle, int events) {
    CHECK_INT(codexpc_close(handle), CODEXPC_OK);
    EXPECT_EVENT(events, "\"$closed\"");
    EXPECT_EVENT(events, "");
    close(events);
}

static void echo(void) {
    const char *path = new_socket_path();
    struct daemon *daemon = daemon_start(path);
    int32_t events;
    int32_t handle = codexpc_open(path, &events);
    CHECK(handle > 0);
    CHECK_INT(command(handle, "echo", 1, 2), CODEXPC_OK);
    EXPECT_EVENT(events, echoed);
    CHECK_INT(command(handle, "ill", 0, 0), CODEXPC_OK);
    EXPECT_EVENT(events, "{\"text\":\"\xef\xbf\xbd\"}");
    expect_end(handle, events);
    daemon_stop(daemon);
}

static void tokens(void) {
    enum { count = 100000 };
    const char *path = new_socket_path();
    struct daemon *daemon = daemon_start(path);
    int32_t events;
    int32_t handle = codexpc_open(path, &events);
    struct bytes_builder builder = {0};
    put_head(&builder, TAG_DICTIONARY, 2);
    put_string_entry(&builder, "type", "echo");
    put_text(&builder, "tokens");
    put_tag(&builder, TAG_TOKENS);
    uint32_t *ids = malloc(count * sizeof *ids);
    for (uint32_t index = 0; index < count; index++) ids[index] = index * 2654435761u;
    CHECK_INT(codexpc_send(handle, builder.bytes, (uint32_t)builder.length, (uint8_t *)ids, count), CODEXPC_OK);
    xpc_object_t expected = xpc_dictionary_create(NULL, NULL, 0);
    xpc_dictionary_set_string(expected, "type", "echo");
    xpc_dictionary_set_data(expected, "tokens", ids, count * sizeof *ids);
    /* The shim keeps nothing of what it was given. */
    memset(ids, 0xff, count * sizeof *ids);
    char *json = json_of(expected);
    EXPECT_EVENT(events, json);
    free(json);
    xpc_release(expected);
    CHECK_INT(codexpc_send(handle, builder.bytes, (uint32_t)builder.length, NULL, 0), CODEXPC_OK);
    EXPECT_EVENT(events, "{\"type\":\"echo\",\"tokens\":{\"$data\":\"\"}}");
    free(ids);
    free_bytes(&builder);
    expect_end(handle, events);
    daemon_stop(daemon);
}

static void absent_service(void) {
    int32_t events;
    int32_t handle = codexpc_open(new_socket_path(), &events);
    CHECK(handle > 0);
    EXPECT_EVENT(events, "\"$closed\"");
    EXPECT_EVENT(events, "");
    CHECK_INT(command(handle, "echo", 1, 2), CODEXPC_ERROR_ENDED);
    CHECK_INT(codexpc_close(handle), CODEXPC_OK);
    CHECK_INT(codexpc_close(handle), CODEXPC_ERROR_HANDLE);
    CHECK_INT(command(handle, "echo", 1, 2), CODEXPC_ERROR_HANDLE);
    close(events);
}

static void successor(void) {
    const char *path = new_socket_path();
    struct daemon *daemon = daemon_start(path);
    int32_t events;
    int32_t handle = codexpc_open(path, &events);
    CHECK_INT(command(handle, "echo", 1, 2), CODEXPC_OK);
    EXPECT_EVENT(events, echoed);
    daemon_stop(daemon);
    EXPECT_EVENT(events, "\"$interrupted\"");
    CHECK_INT(command(handle, "echo", 1, 2), CODEXPC_OK);
    EXPECT_EVENT(events, "\"$interrupted\"");
    daemon = daemon_start(path);
    CHECK_INT(command(handle, "echo", 1, 2), CODEXPC_OK);
    EXPECT_EVENT(events, echoed);
    expect_end(handle, events);
    daemon_stop(daemon);
}

static void last_words(void) {
    const char *path = new_socket_path();
    struct daemon *daemon = daemon_start(path);
    int32_t events;
    int32_t handle = codexpc_open(path, &events);
    for (int round = 0; round < 100; round++) {
        CHECK_INT(command(handle, "die", 0, 0), CODEXPC_OK);
        EXPECT_EVENT(events, "{\"text\":\"last words\"}");
        EXPECT_EVENT(events, "\"$interrupted\"");
    }
    expect_end(handle, events);
    daemon_stop(daemon);
}

static void flood_in_order(void) {
    enum { count = 12000, size = 4000 };
    const char *path = new_socket_path();
    struct daemon *daemon = daemon_start(path);
    int32_t events;
    int32_t handle = codexpc_open(path, &events);
    CHECK_INT(command(handle, "flood", count, size), CODEXPC_OK);
    wait_for_bytes(events, 100000);
    for (unsigned index = 0; index < count; index++) {
        char *event = next_event(events);
        char beginning[64];
        int length = snprintf(beginning, sizeof beginning, "{\"index\":%u,\"payload\":\"x", index);
        CHECK(event != NULL && strncmp(event, beginning, (size_t)length) == 0 && strlen(event) > size);
        free(event);
    }
    CHECK_INT(command(handle, "echo", 1, 2), CODEXPC_OK);
    EXPECT_EVENT(events, echoed);
    expect_end(handle, events);
    daemon_stop(daemon);
}

static void close_while_full(void) {
    const char *path = new_socket_path();
    struct daemon *daemon = daemon_start(path);
    int32_t events;
    int32_t handle = codexpc_open(path, &events);
    CHECK_INT(command(handle, "flood", 5000, 4000), CODEXPC_OK);
    wait_for_bytes(events, 100000);
    CHECK_INT(codexpc_close(handle), CODEXPC_OK);
    unsigned messages = 0;
    char *event;
    while ((event = next_event(events)) != NULL && event[0] == '{') {
        messages++;
        free(event);
    }
    CHECK(messages > 0 && messages < 5000);
    CHECK_TEXT(event, "\"$closed\"");
    free(event);
    EXPECT_EVENT(events, "");
    close(events);
    daemon_stop(daemon);
}

static void leave_while_full(void) {
    const char *path = new_socket_path();
    struct daemon *daemon = daemon_start(path);
    unsigned descriptors = open_descriptors();
    int32_t events;
    int32_t handle = codexpc_open(path, &events);
    CHECK_INT(command(handle, "flood", 5000, 4000), CODEXPC_OK);
    wait_for_bytes(events, 100000);
    CHECK_INT(codexpc_close(handle), CODEXPC_OK);
    close(events);
    daemon_wait_for_peers(daemon, 0);
    wait_for_counts(descriptors, UINT32_MAX);
    daemon_stop(daemon);
}

static void leave_first(void) {
    const char *path = new_socket_path();
    struct daemon *daemon = daemon_start(path);
    int32_t events;
    int32_t handle = codexpc_open(path, &events);
    close(events);
    int32_t status = command(handle, "echo", 1, 2);
    CHECK_INT(status, CODEXPC_OK);
    daemon_wait_for_messages(daemon, 1);
    /* The echo can't be written, which ends the connection. */
    daemon_wait_for_peers(daemon, 0);
    while (status == CODEXPC_OK) status = command(handle, "echo", 1, 2);
    CHECK_INT(status, CODEXPC_ERROR_ENDED);
    CHECK_INT(codexpc_close(handle), CODEXPC_OK);
    daemon_stop(daemon);
}

static void untellable(void) {
    const char *path = new_socket_path();
    struct daemon *daemon = daemon_start(path);
    int32_t events;
    int32_t handle = codexpc_open(path, &events);
    CHECK_INT(command(handle, "escape", 0, CODEXPC_MAX_MESSAGE_BYTES / 6), CODEXPC_OK);
    /* Nothing of the message is told, not even in part. */
    EXPECT_EVENT(events, "\"$closed\"");
    EXPECT_EVENT(events, "");
    close(events);
    CHECK_INT(codexpc_close(handle), CODEXPC_OK);
    daemon_stop(daemon);
}

static void cycles(void) {
    const char *path = new_socket_path();
    struct daemon *daemon = daemon_start(path);
    unsigned descriptors = open_descriptors();
    unsigned threads = running_threads();
    for (int cycle = 0; cycle < 2000; cycle++) {
        int32_t events;
        int32_t handle = codexpc_open(path, &events);
        CHECK(handle > 0);
        if (cycle % 3 == 0) CHECK_INT(command(handle, "echo", 1, 2), CODEXPC_OK);
        if (cycle % 5 == 0) CHECK_INT(shutdown(events, SHUT_RD), 0);
        CHECK_INT(codexpc_close(handle), CODEXPC_OK);
        if (cycle % 2 == 0) {
            char *event;
            while ((event = next_event(events)) != NULL) free(event);
        }
        close(events);
    }
    daemon_wait_for_peers(daemon, 0);
    wait_for_counts(descriptors, threads);
    daemon_stop(daemon);
}

static void refusals(void) {
    const char *path = new_socket_path();
    struct daemon *daemon = daemon_start(path);
    int32_t events = -7;
    CHECK_INT(codexpc_open(NULL, &events), CODEXPC_ERROR_ARGUMENT);
    CHECK_INT(codexpc_open(path, NULL), CODEXPC_ERROR_ARGUMENT);
    CHECK_INT(codexpc_open("", &events), CODEXPC_ERROR_SERVICE);
    char name[CODEXPC_MAX_SERVICE_BYTES + 2];
    memset(name, 'n', sizeof name);
    name[sizeof name - 1] = '\0';
    CHECK_INT(codexpc_open(name, &events), CODEXPC_ERROR_SERVICE);
    CHECK_INT(events, -7);
    int32_t handle = codexpc_open(path, &events);
    static const uint8_t empty[] = {TAG_DICTIONARY, 0, 0, 0, 0};
    CHECK_INT(codexpc_send(handle, NULL, 5, empty, 0), CODEXPC_ERROR_ARGUMENT);
    CHECK_INT(codexpc_send(handle, empty, 5, NULL, 1), CODEXPC_ERROR_ARGUMENT);
    CHECK_INT(codexpc_send(handle, NULL, 0, NULL, 0), CODEXPC_ERROR_MALFORMED);
    CHECK_INT(codexpc_send(handle, empty, 4, empty, 0), CODEXPC_ERROR_MALFORMED);
    CHECK_INT(codexpc_send(handle, empty, 5, empty, 1), CODEXPC_ERROR_MALFORMED);
    CHECK_INT(codexpc_send(handle, empty, CODEXPC_MAX_MESSAGE_BYTES + 1, empty, 0), CODEXPC_ERROR_TOO_LARGE);
    CHECK_INT(codexpc_send(handle, empty, 5, empty, UINT32_MAX), CODEXPC_ERROR_TOO_LARGE);
    CHECK_INT(codexpc_send(0, empty, 5, empty, 0), CODEXPC_ERROR_HANDLE);
    CHECK_INT(codexpc_send(-handle, empty, 5, empty, 0), CODEXPC_ERROR_HANDLE);
    CHECK_INT(codexpc_send(handle + 1, empty, 5, empty, 0), CODEXPC_ERROR_HANDLE);
    CHECK_INT(codexpc_close(INT32_MAX), CODEXPC_ERROR_HANDLE);
    CHECK_INT(codexpc_close(INT32_MIN), CODEXPC_ERROR_HANDLE);
    /* After all that it still works. */
    CHECK_INT(command(handle, "echo", 1, 2), CODEXPC_OK);
    EXPECT_EVENT(events, echoed);
    expect_end(handle, events);
    daemon_stop(daemon);
}

static void largest_message(void) {
    const char *path = new_socket_path();
    struct daemon *daemon = daemon_start(path);
    int32_t events;
    int32_t handle = codexpc_open(path, &events);
    uint8_t *message = calloc(1, CODEXPC_MAX_MESSAGE_BYTES);
    struct bytes_builder builder = {0};
    put_head(&builder, TAG_DICTIONARY, 2);
    put_string_entry(&builder, "type", "keep");
    put_text(&builder, "blob");
    put_head(&builder, TAG_DATA, 0);
    uint32_t blob = CODEXPC_MAX_MESSAGE_BYTES - (uint32_t)builder.length;
    memcpy(builder.bytes + builder.length - 4, &blob, sizeof blob);
    memcpy(message, builder.bytes, builder.length);
    CHECK_INT(codexpc_send(handle, message, CODEXPC_MAX_MESSAGE_BYTES, NULL, 0), CODEXPC_OK);
    free(message);
    free_bytes(&builder);
    daemon_wait_for_messages(daemon, 1);
    expect_end(handle, events);
    daemon_stop(daemon);
}

int main(void) {
    CHECK_INT(codexpc_abi_version(), CODEXPC_ABI_VERSION);
    run_test("a message comes back from the daemon as JSON", echo);
    run_test("tokens arrive as data, bit by bit, and no tokens as empty data", tokens);
    run_test("an absent service ends in \"$closed\" and the end of the file", absent_service);
    run_test("a daemon's death interrupts, and the next message reaches its successor", successor);
    run_test("what a daemon said before it died comes before \"$interrupted\"", last_words);
    run_test("a flood at a slow reader loses nothing and keeps its order", flood_in_order);
    run_test("closing at a full event socket ends when the reader has read on", close_while_full);
    run_test("closing at a full event socket ends when the reader leaves", leave_while_full);
    run_test("a reader that leaves first ends the connection at the next event", leave_first);
    run_test("a message too large to be told ends the connection", untellable);
    run_test("thousands of connections leave no descriptor and no thread behind", cycles);
    run_test("wrong arguments are refused and change nothing", refusals);
    run_test("a message of exactly the largest size arrives", largest_message);
    return finish_tests();
}
