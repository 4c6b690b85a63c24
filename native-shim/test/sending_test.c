/* The stand-in's sending: what is copied, what is discarded, when barriers run. */
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"
#include "daemon.h"
#include "journal.h"
#include "process.h"

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

int main(void) {
    run_test("sending copies: a message may be changed afterwards", logical_copy);
    run_test("a barrier runs after what was sent before it, and at once on a cancelled connection", barriers);
    run_test("cancelling discards what waits and runs its barriers", unwound_barriers);
    return finish_tests();
}
