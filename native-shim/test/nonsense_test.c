/* The stand-in's frames from a peer that breaks their rules, or sends them in pieces. */
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"
#include "journal.h"
#include "process.h"

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

int main(void) {
    run_test("a peer that sends nonsense is dropped, and the connection stays usable", nonsense);
    run_test("a message may come byte by byte", small_pieces);
    return finish_tests();
}
