/* The stand-in's names and listeners: who is connected with whom, and who with nobody. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../src/xpc_adapter.h"
#include "check.h"
#include "daemon.h"
#include "journal.h"
#include "process.h"

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
    run_test("a connection to nobody is invalid", nobody_listens);
    run_test("a name is a socket in the stand-in's directory", named_service);
    run_test("a second listener at a name is invalid, and the first is left alone", second_listener);
    run_test("a socket file that nobody listens on is replaced, any other file is kept", stale_socket_file);
    run_test("a listener that cancels its peer interrupts the client", refused_peer);
    run_test("clients wait for a listener that is busy", busy_listener);
    return finish_tests();
}
