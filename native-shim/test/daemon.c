#include "daemon.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "../src/xpc_adapter.h"

struct peer {
    struct daemon *daemon;
    xpc_connection_t connection;
    struct peer *next;
    struct peer *previous;
};

struct daemon {
    xpc_connection_t listener;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct peer *peers;
    unsigned peer_count;
    unsigned accepted_count;
    uint64_t message_count;
    bool listener_ended;
};

static void flood(xpc_connection_t connection, uint64_t count, uint64_t size) {
    char *payload = malloc(size + 1);
    memset(payload, 'x', size);
    payload[size] = '\0';
    for (uint64_t index = 0; index < count; index++) {
        xpc_object_t message = xpc_dictionary_create(NULL, NULL, 0);
        xpc_dictionary_set_uint64(message, "index", index);
        xpc_dictionary_set_string(message, "payload", payload);
        xpc_connection_send_message(connection, message);
        xpc_release(message);
    }
    free(payload);
}

static void send_text(xpc_connection_t connection, const char *text) {
    xpc_object_t message = xpc_dictionary_create(NULL, NULL, 0);
    xpc_dictionary_set_string(message, "text", text);
    xpc_connection_send_message(connection, message);
    xpc_release(message);
}

static void drop(void *connection) {
    xpc_connection_cancel(connection);
}

static void obey(xpc_connection_t connection, xpc_object_t message) {
    const char *type = xpc_dictionary_get_string(message, "type");
    uint64_t size = xpc_dictionary_get_uint64(message, "size");
    if (type == NULL) return;
    if (strcmp(type, "echo") == 0) {
        xpc_connection_send_message(connection, message);
    } else if (strcmp(type, "flood") == 0) {
        flood(connection, xpc_dictionary_get_uint64(message, "count"), size);
    } else if (strcmp(type, "escape") == 0) {
        char *text = malloc(size + 1);
        memset(text, 1, size);
        text[size] = '\0';
        send_text(connection, text);
        free(text);
    } else if (strcmp(type, "ill") == 0) {
        send_text(connection, "\xff");
    } else if (strcmp(type, "die") == 0) {
        send_text(connection, "last words");
        xpc_standin_connection_send_barrier(connection, drop, connection);
    }
}

static void on_peer_event(void *context, xpc_object_t event) {
    struct peer *peer = context;
    struct daemon *daemon = peer->daemon;
    if (xpc_get_type(event) == XPC_TYPE_DICTIONARY) {
        obey(peer->connection, event);
        pthread_mutex_lock(&daemon->lock);
        daemon->message_count++;
        pthread_cond_broadcast(&daemon->changed);
        pthread_mutex_unlock(&daemon->lock);
        return;
    }
    pthread_mutex_lock(&daemon->lock);
    if (peer->previous != NULL) peer->previous->next = peer->next;
    else daemon->peers = peer->next;
    if (peer->next != NULL) peer->next->previous = peer->previous;
    daemon->peer_count--;
    pthread_cond_broadcast(&daemon->changed);
    pthread_mutex_unlock(&daemon->lock);
    free(peer);
}

static void on_listener_event(void *context, xpc_object_t event) {
    struct daemon *daemon = context;
    pthread_mutex_lock(&daemon->lock);
    if (xpc_get_type(event) == XPC_TYPE_CONNECTION) {
        struct peer *peer = calloc(1, sizeof *peer);
        peer->daemon = daemon;
        peer->connection = event;
        peer->next = daemon->peers;
        if (peer->next != NULL) peer->next->previous = peer;
        daemon->peers = peer;
        daemon->peer_count++;
        daemon->accepted_count++;
        set_event_handler(event, on_peer_event, peer);
        xpc_connection_resume(event);
    } else {
        daemon->listener_ended = true;
    }
    pthread_cond_broadcast(&daemon->changed);
    pthread_mutex_unlock(&daemon->lock);
}

/* Connects once, which shows that the listener listens. */
static bool answers(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    int probe = socket(AF_UNIX, SOCK_STREAM, 0);
    bool connected = connect(probe, (struct sockaddr *)&address, sizeof address) == 0;
    close(probe);
    return connected;
}

struct daemon *daemon_start(const char *path) {
    struct daemon *daemon = calloc(1, sizeof *daemon);
    pthread_mutex_init(&daemon->lock, NULL);
    pthread_cond_init(&daemon->changed, NULL);
    daemon->listener = xpc_connection_create_mach_service(path, NULL, XPC_CONNECTION_MACH_SERVICE_LISTENER);
    set_event_handler(daemon->listener, on_listener_event, daemon);
    xpc_connection_resume(daemon->listener);
    while (!answers(path)) usleep(500);
    /* Until that one connection has come and gone. */
    pthread_mutex_lock(&daemon->lock);
    while (daemon->accepted_count == 0 || daemon->peer_count > 0) pthread_cond_wait(&daemon->changed, &daemon->lock);
    pthread_mutex_unlock(&daemon->lock);
    return daemon;
}

void daemon_stop(struct daemon *daemon) {
    pthread_mutex_lock(&daemon->lock);
    xpc_connection_cancel(daemon->listener);
    while (!daemon->listener_ended) pthread_cond_wait(&daemon->changed, &daemon->lock);
    for (struct peer *peer = daemon->peers; peer != NULL; peer = peer->next) xpc_connection_cancel(peer->connection);
    while (daemon->peer_count > 0) pthread_cond_wait(&daemon->changed, &daemon->lock);
    pthread_mutex_unlock(&daemon->lock);
    xpc_release(daemon->listener);
    pthread_cond_destroy(&daemon->changed);
    pthread_mutex_destroy(&daemon->lock);
    free(daemon);
}

void daemon_wait_for_peers(struct daemon *daemon, unsigned count) {
    pthread_mutex_lock(&daemon->lock);
    while (daemon->peer_count != count) pthread_cond_wait(&daemon->changed, &daemon->lock);
    pthread_mutex_unlock(&daemon->lock);
}

void daemon_wait_for_messages(struct daemon *daemon, uint64_t count) {
    pthread_mutex_lock(&daemon->lock);
    while (daemon->message_count < count) pthread_cond_wait(&daemon->changed, &daemon->lock);
    pthread_mutex_unlock(&daemon->lock);
}
