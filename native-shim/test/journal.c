#include "journal.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "../src/xpc_adapter.h"
#include "check.h"

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

struct journal *new_journal(void) {
    struct journal *journal = calloc(1, sizeof *journal);
    pthread_mutex_init(&journal->lock, NULL);
    pthread_cond_init(&journal->changed, NULL);
    return journal;
}

const char *line_of(struct journal *journal, unsigned index) {
    pthread_mutex_lock(&journal->lock);
    while (journal->count <= index) pthread_cond_wait(&journal->changed, &journal->lock);
    const char *line = journal->lines[index];
    pthread_mutex_unlock(&journal->lock);
    return line;
}

unsigned line_count(struct journal *journal) {
    pthread_mutex_lock(&journal->lock);
    unsigned count = journal->count;
    pthread_mutex_unlock(&journal->lock);
    return count;
}

void free_journal(struct journal *journal) {
    for (unsigned index = 0; index < journal->count; index++) free(journal->lines[index]);
    pthread_mutex_destroy(&journal->lock);
    pthread_cond_destroy(&journal->changed);
    free(journal);
}

void note_event(void *context, xpc_object_t event) {
    note(context, xpc_copy_description(event));
}

void note_barrier(void *context) {
    note(context, strdup("barrier"));
}

xpc_connection_t connect_to(const char *name, struct journal *journal) {
    xpc_connection_t connection = xpc_connection_create_mach_service(name, NULL, 0);
    set_event_handler(connection, note_event, journal);
    xpc_connection_resume(connection);
    return connection;
}

void finish(xpc_connection_t connection, struct journal *journal, unsigned index) {
    xpc_connection_cancel(connection);
    CHECK_TEXT(line_of(journal, index), INVALID);
    CHECK_INT(line_count(journal), index + 1);
    xpc_release(connection);
    free_journal(journal);
}

void send_type(xpc_connection_t connection, const char *type) {
    xpc_object_t message = xpc_dictionary_create(NULL, NULL, 0);
    xpc_dictionary_set_string(message, "type", type);
    xpc_connection_send_message(connection, message);
    xpc_release(message);
}

int listen_at(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    int listening = socket(AF_UNIX, SOCK_STREAM, 0);
    if (bind(listening, (struct sockaddr *)&address, sizeof address) != 0 || listen(listening, 8) != 0) abort();
    return listening;
}
