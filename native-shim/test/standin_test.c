/* The stand-in's libxpc by itself: the rules of Apple's that the shim relies on. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "../src/value_reader.h"
#include "../src/xpc_adapter.h"
#include "check.h"
#include "daemon.h"
#include "process.h"

/* Every event of a connection, described, in order. */
struct journal {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    char *lines[64];
    unsigned count;
};

static void note(struct journal *journal, char *line) {
    pthread_mutex_lock(&journal->lock);
    if (journal->count == 64) abort();
    journal->lines[journal->count++] = line;
    pthread_cond_broadcast(&journal->changed);
    pthread_mutex_unlock(&journal->lock);
}

static void note_event(void *context, xpc_object_t event) {
    note(context, xpc_copy_description(event));
}

static void note_barrier(void *context) {
    note(context, strdup("barrier"));
}

static struct journal *new_journal(void) {
    struct journal *journal = calloc(1, sizeof *journal);
    pthread_mutex_init(&journal->lock, NULL);
    pthread_cond_init(&journal->changed, NULL);
    return journal;
}

static const char *line_of(struct journal *journal, unsigned index) {
    pthread_mutex_lock(&journal->lock);
    while (journal->count <= index) pthread_cond_wait(&journal->changed, &journal->lock);
    const char *line = journal->lines[index];
    pthread_mutex_unlock(&journal->lock);
    return line;
}

static unsigned line_count(struct journal *journal) {
    pthread_mutex_lock(&journal->lock);
    unsigned count = journal->count;
    pthread_mutex_unlock(&journal->lock);
    return count;
}

static void free_journal(struct journal *journal) {
    for (unsigned index = 0; index < journal->count; index++) free(journal->lines[index]);
    pthread_mutex_destroy(&journal->lock);
    pthread_cond_destroy(&journal->changed);
    free(journal);
}

#define INTERRUPTED "<error \"Connection interrupted\">"
#define INVALID "<error \"Connection invalid\">"

static xpc_connection_t connect_to(const char *name, struct journal *journal) {
    xpc_connection_t connection = xpc_connection_create_mach_service(name, NULL, 0);
    set_event_handler(connection, note_event, journal);
    xpc_connection_resume(connection);
    return connection;
}

/* Cancels, expects the last event at `index` and frees both. */
static void finish(xpc_connection_t connection, struct journal *journal, unsigned index) {
    xpc_connection_cancel(connection);
    CHECK_TEXT(line_of(journal, index), INVALID);
    CHECK_INT(line_count(journal), index + 1);
    xpc_release(connection);
    free_journal(journal);
}

static void send_type(xpc_connection_t connection, const char *type) {
    xpc_object_t message = xpc_dictionary_create(NULL, NULL, 0);
    xpc_dictionary_set_string(message, "type", type);
    xpc_connection_send_message(connection, message);
    xpc_release(message);
}

/* A service made of plain sockets. */
static int listen_at(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    int listening = socket(AF_UNIX, SOCK_STREAM, 0);
    if (bind(listening, (struct sockaddr *)&address, sizeof address) != 0 || listen(listening, 8) != 0) abort();
    return listening;
}

static void getting_borrows(void) {
    xpc_object_t string = xpc_string_create("kept");
    xpc_object_t dictionary = xpc_dictionary_create(NULL, NULL, 0);
    xpc_dictionary_set_value(dictionary, "k", string);
    xpc_release(string);
    CHECK(xpc_dictionary_get_value(dictionary, "k") == string);
    CHECK_TEXT(xpc_dictionary_get_string(dictionary, "k"), "kept");
    xpc_object_t array = xpc_array_create(&string, 1);
    xpc_retain(string);
    xpc_release(dictionary);
    xpc_release(array);
    CHECK_TEXT(xpc_string_get_string_ptr(string), "kept");
    xpc_release(string);
}

static void typed_getters(void) {
    xpc_object_t dictionary = xpc_dictionary_create(NULL, NULL, 0);
    xpc_dictionary_set_int64(dictionary, "int64", -1);
    xpc_dictionary_set_uint64(dictionary, "uint64", 1);
    xpc_dictionary_set_bool(dictionary, "bool", true);
    xpc_dictionary_set_double(dictionary, "double", 0.5);
    CHECK_INT(xpc_dictionary_get_int64(dictionary, "int64"), -1);
    CHECK_INT((int64_t)xpc_dictionary_get_uint64(dictionary, "uint64"), 1);
    CHECK(xpc_dictionary_get_bool(dictionary, "bool"));
    CHECK(xpc_dictionary_get_double(dictionary, "double") == 0.5);
    /* A number of another type reads as absent, as with Apple's. */
    CHECK_INT((int64_t)xpc_dictionary_get_uint64(dictionary, "int64"), 0);
    CHECK_INT(xpc_dictionary_get_int64(dictionary, "uint64"), 0);
    CHECK(xpc_dictionary_get_string(dictionary, "bool") == NULL);
    xpc_release(dictionary);
}

static void removing(void) {
    xpc_object_t dictionary = xpc_dictionary_create(NULL, NULL, 0);
    char key[8];
    for (unsigned index = 0; index < 40; index++) {
        snprintf(key, sizeof key, "%u", index);
        xpc_dictionary_set_uint64(dictionary, key, index);
    }
    for (unsigned index = 0; index < 40; index += 2) {
        snprintf(key, sizeof key, "%u", index);
        xpc_dictionary_set_value(dictionary, key, NULL);
    }
    CHECK_INT((int64_t)xpc_dictionary_get_count(dictionary), 20);
    for (unsigned index = 0; index < 40; index++) {
        snprintf(key, sizeof key, "%u", index);
        CHECK_INT((int64_t)xpc_dictionary_get_uint64(dictionary, key), index % 2 == 0 ? 0 : index);
    }
    xpc_dictionary_set_value(dictionary, "absent", NULL);
    xpc_release(dictionary);
}

static void logical_copy(void) {
    const char *path = new_socket_path();
    struct daemon *daemon = daemon_start(path);
    struct journal *journal = new_journal();
    xpc_connection_t connection = connect_to(path, journal);
    xpc_object_t message = xpc_dictionary_create(NULL, NULL, 0);
    xpc_dictionary_set_string(message, "type", "echo");
    xpc_dictionary_set_uint64(message, "n", 1);
    xpc_connection_send_message(connection, message);
    xpc_dictionary_set_uint64(message, "n", 2);
    xpc_connection_send_message(connection, message);
    xpc_release(message);
    CHECK_TEXT(line_of(journal, 0), "<dictionary \"type\" => <string \"echo\"> \"n\" => <uint64 1>>");
    CHECK_TEXT(line_of(journal, 1), "<dictionary \"type\" => <string \"echo\"> \"n\" => <uint64 2>>");
    finish(connection, journal, 2);
    daemon_stop(daemon);
}

static void barriers(void) {
    const char *path = new_socket_path();
    struct daemon *daemon = daemon_start(path);
    struct journal *journal = new_journal();
    struct journal *marks = new_journal();
    xpc_connection_t connection = connect_to(path, journal);
    xpc_standin_connection_send_barrier(connection, note_barrier, marks);
    send_type(connection, "echo");
    xpc_standin_connection_send_barrier(connection, note_barrier, marks);
    CHECK_TEXT(line_of(journal, 0), "<dictionary \"type\" => <string \"echo\">>");
    CHECK_TEXT(line_of(marks, 1), "barrier");
    xpc_retain(connection);
    finish(connection, journal, 1);
    xpc_standin_connection_send_barrier(connection, note_barrier, marks);
    /* At once, in this thread. */
    CHECK_INT(line_count(marks), 3);
    send_type(connection, "echo");
    xpc_release(connection);
    free_journal(marks);
    daemon_stop(daemon);
}

static void unwound_barriers(void) {
    const char *path = new_socket_path();
    int listening = listen_at(path);
    struct journal *journal = new_journal();
    struct journal *marks = new_journal();
    xpc_connection_t connection = connect_to(path, journal);
    xpc_object_t large = xpc_dictionary_create(NULL, NULL, 0);
    size_t size = 4 * 1024 * 1024;
    char *payload = calloc(1, size);
    xpc_dictionary_set_data(large, "data", payload, size);
    free(payload);
    /* Nobody reads it, so it can't leave as a whole and the barrier waits. Sending returns nevertheless. */
    for (int count = 0; count < 10; count++) xpc_connection_send_message(connection, large);
    xpc_release(large);
    xpc_standin_connection_send_barrier(connection, note_barrier, marks);
    int accepted = accept(listening, NULL, NULL);
    wait_for_bytes(accepted, 100000);
    CHECK_INT(line_count(marks), 0);
    finish(connection, journal, 0);
    CHECK_TEXT(line_of(marks, 0), "barrier");
    close(accepted);
    close(listening);
    free_journal(marks);
}

static void nobody_listens(void) {
    static const char *const names[] = {"/nowhere/at/all.sock", "no.such.service"};
    setenv("CODEXPC_STANDIN_DIR", "/nowhere", 1);
    for (size_t index = 0; index < 2; index++) {
        struct journal *journal = new_journal();
        xpc_connection_t connection = connect_to(names[index], journal);
        CHECK_TEXT(line_of(journal, 0), INVALID);
        finish(connection, journal, 0);
    }
    char name[200] = "/tmp/";
    memset(name + 5, 'n', sizeof name - 6);
    struct journal *journal = new_journal();
    finish(connect_to(name, journal), journal, 0);
    unsetenv("CODEXPC_STANDIN_DIR");
}

static void named_service(void) {
    const char *path = new_socket_path();
    char directory[80];
    strcpy(directory, path);
    *strrchr(directory, '/') = '\0';
    setenv("CODEXPC_STANDIN_DIR", directory, 1);
    struct daemon *daemon = daemon_start(path);
    char name[16];
    strcpy(name, strrchr(path, '/') + 1);
    *strchr(name, '.') = '\0';
    struct journal *journal = new_journal();
    xpc_connection_t connection = connect_to(name, journal);
    send_type(connection, "echo");
    CHECK_TEXT(line_of(journal, 0), "<dictionary \"type\" => <string \"echo\">>");
    finish(connection, journal, 1);
    daemon_stop(daemon);
    unsetenv("CODEXPC_STANDIN_DIR");
}

static void second_listener(void) {
    const char *path = new_socket_path();
    struct daemon *daemon = daemon_start(path);
    struct journal *journal = new_journal();
    xpc_connection_t listener = xpc_connection_create_mach_service(path, NULL, XPC_CONNECTION_MACH_SERVICE_LISTENER);
    set_event_handler(listener, note_event, journal);
    xpc_connection_resume(listener);
    CHECK_TEXT(line_of(journal, 0), INVALID);
    finish(listener, journal, 0);
    journal = new_journal();
    xpc_connection_t connection = connect_to(path, journal);
    send_type(connection, "echo");
    CHECK_TEXT(line_of(journal, 0), "<dictionary \"type\" => <string \"echo\">>");
    finish(connection, journal, 1);
    daemon_stop(daemon);
    /* It took its socket file with it. */
    CHECK(access(path, F_OK) != 0);
}

static void stale_socket_file(void) {
    const char *path = new_socket_path();
    close(listen_at(path));
    CHECK(access(path, F_OK) == 0);
    struct daemon *daemon = daemon_start(path);
    struct stat status;
    CHECK_INT(stat(path, &status), 0);
    CHECK_INT(status.st_mode & 0777, 0600);
    daemon_stop(daemon);

    path = new_socket_path();
    fclose(fopen(path, "w"));
    struct journal *journal = new_journal();
    xpc_connection_t listener = xpc_connection_create_mach_service(path, NULL, XPC_CONNECTION_MACH_SERVICE_LISTENER);
    set_event_handler(listener, note_event, journal);
    xpc_connection_resume(listener);
    CHECK_TEXT(line_of(journal, 0), INVALID);
    finish(listener, journal, 0);
    CHECK(access(path, F_OK) == 0);
}

static void nonsense(void) {
    static const struct {
        const char *bytes;
        size_t length;
    } frames[] = {
        {"\xff\xff\xff\xff", 4},                    /* over 64 MiB */
        {"\0\0\0\0", 4},                            /* nothing */
        {"\1\0\0\0\0", 5},                          /* no dictionary */
        {"\6\0\0\0\x09\0\0\0\0\0", 10},             /* a byte left over */
        {"\xb\0\0\0\x09\1\0\0\0\1\0\0\0k\x0a", 15}, /* tokens */
        {"\5\0\0\0\x09", 5},                        /* the end in the middle */
    };
    const char *path = new_socket_path();
    int listening = listen_at(path);
    struct journal *journal = new_journal();
    xpc_connection_t connection = connect_to(path, journal);
    unsigned line = 0;
    for (size_t index = 0; index < sizeof frames / sizeof *frames; index++) {
        /* Every round but the first is a reconnection. */
        send_type(connection, "hello");
        int accepted = accept(listening, NULL, NULL);
        wait_for_bytes(accepted, 10);
        CHECK_INT(write(accepted, "\5\0\0\0\x09\0\0\0\0", 9), 9);
        CHECK_INT(write(accepted, frames[index].bytes, frames[index].length), (int64_t)frames[index].length);
        CHECK_TEXT(line_of(journal, line++), "<dictionary>");
        if (frames[index].bytes[0] == '\5') CHECK_INT(shutdown(accepted, SHUT_WR), 0);
        CHECK_TEXT(line_of(journal, line++), INTERRUPTED);
        /* It hung up by itself. */
        char byte;
        while (read(accepted, &byte, 1) > 0) {
        }
        close(accepted);
    }
    finish(connection, journal, line);
    close(listening);
}

static void small_pieces(void) {
    const char *path = new_socket_path();
    int listening = listen_at(path);
    struct journal *journal = new_journal();
    xpc_connection_t connection = connect_to(path, journal);
    int accepted = accept(listening, NULL, NULL);
    static const char bytes[] = "\5\0\0\0\x09\0\0\0\0"
                                "\x11\0\0\0\x09\1\0\0\0\1\0\0\0k\x06\2\0\0\0hi";
    for (size_t at = 0; at + 1 < sizeof bytes; at++) {
        CHECK_INT(write(accepted, bytes + at, 1), 1);
        usleep(100);
    }
    CHECK_TEXT(line_of(journal, 0), "<dictionary>");
    CHECK_TEXT(line_of(journal, 1), "<dictionary \"k\" => <string \"hi\">>");
    finish(connection, journal, 2);
    close(accepted);
    close(listening);
}

static void refuse(void *context, xpc_object_t event) {
    (void)context;
    if (xpc_get_type(event) == XPC_TYPE_CONNECTION) xpc_connection_cancel(event);
}

static void refused_peer(void) {
    const char *path = new_socket_path();
    xpc_connection_t listener = xpc_connection_create_mach_service(path, NULL, XPC_CONNECTION_MACH_SERVICE_LISTENER);
    set_event_handler(listener, refuse, NULL);
    xpc_connection_resume(listener);
    while (access(path, F_OK) != 0) usleep(500);
    struct journal *journal = new_journal();
    xpc_connection_t connection;
    /* The file is there a moment before somebody listens at it. */
    for (;;) {
        connection = connect_to(path, journal);
        if (strcmp(line_of(journal, 0), INVALID) != 0) break;
        finish(connection, journal, 0);
        journal = new_journal();
    }
    CHECK_TEXT(line_of(journal, 0), INTERRUPTED);
    finish(connection, journal, 1);
    xpc_connection_cancel(listener);
    xpc_release(listener);
    while (access(path, F_OK) == 0) usleep(500);
}

static void busy_listener(void) {
    const char *path = new_socket_path();
    int listening = listen_at(path);
    /* Fills the queue of connections that wait to be accepted. */
    enum { count = 40 };
    struct journal *journals[count];
    xpc_connection_t connections[count];
    for (unsigned index = 0; index < count; index++) {
        journals[index] = new_journal();
        connections[index] = connect_to(path, journals[index]);
        send_type(connections[index], "hello");
    }
    int accepted[count];
    for (unsigned index = 0; index < count; index++) {
        accepted[index] = accept(listening, NULL, NULL);
        wait_for_bytes(accepted[index], 10);
    }
    for (unsigned index = 0; index < count; index++) {
        CHECK_INT(line_count(journals[index]), 0);
        finish(connections[index], journals[index], 0);
    }
    for (unsigned index = 0; index < count; index++) close(accepted[index]);
    close(listening);
}

int main(void) {
    run_test("setting retains and getting borrows", getting_borrows);
    run_test("a getter of another type reads as absent", typed_getters);
    run_test("a NULL value removes its key", removing);
    run_test("sending copies: a message may be changed afterwards", logical_copy);
    run_test("a barrier runs after what was sent before it, and at once on a cancelled connection", barriers);
    run_test("cancelling discards what waits and runs its barriers", unwound_barriers);
    run_test("a connection to nobody is invalid", nobody_listens);
    run_test("a name is a socket in the stand-in's directory", named_service);
    run_test("a second listener at a name is invalid, and the first is left alone", second_listener);
    run_test("a socket file that nobody listens on is replaced, any other file is kept", stale_socket_file);
    run_test("a peer that sends nonsense is dropped, and the connection stays usable", nonsense);
    run_test("a message may come byte by byte", small_pieces);
    run_test("a listener that cancels its peer interrupts the client", refused_peer);
    run_test("clients wait for a listener that is busy", busy_listener);
    return finish_tests();
}
