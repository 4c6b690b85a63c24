#include "connection.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "descriptor.h"

static void wake(xpc_connection_t connection) {
    /* A pipe that is full wakes as well. */
    ssize_t ignored = write(connection->wake_write, "", 1);
    (void)ignored;
}

bool connection_is_cancelled(xpc_connection_t connection) {
    pthread_mutex_lock(&connection->lock);
    bool cancelled = connection->cancelled;
    pthread_mutex_unlock(&connection->lock);
    return cancelled;
}

void connection_deliver(xpc_connection_t connection, xpc_object_t event) {
    pthread_mutex_lock(&connection->lock);
    void (*handler)(void *, xpc_object_t) = connection->handler;
    void *context = connection->handler_context;
    pthread_mutex_unlock(&connection->lock);
    if (handler != NULL) handler(context, event);
}

short connection_wait(xpc_connection_t connection, short events, int timeout) {
    struct pollfd waited[2] = {
        {.fd = connection->wake_read, .events = POLLIN},
        {.fd = connection->socket, .events = events},
    };
    if (poll(waited, 2, timeout) < 0) return 0;
    if (waited[0].revents != 0) {
        char bytes[64];
        while (read(connection->wake_read, bytes, sizeof bytes) == (ssize_t)sizeof bytes) {
        }
    }
    return waited[1].revents;
}

static bool wait_for_activation(xpc_connection_t connection) {
    for (;;) {
        pthread_mutex_lock(&connection->lock);
        bool active = connection->active;
        bool cancelled = connection->cancelled;
        pthread_mutex_unlock(&connection->lock);
        if (cancelled) return false;
        if (active) return true;
        /* The socket, which a peer already has, is left alone until then. */
        struct pollfd woken = {.fd = connection->wake_read, .events = POLLIN};
        poll(&woken, 1, -1);
        char byte;
        ssize_t ignored = read(connection->wake_read, &byte, 1);
        (void)ignored;
    }
}

static void *run(void *argument) {
    xpc_connection_t connection = argument;
    if (wait_for_activation(connection)) {
        if (connection->role == LISTENER) listen_for_peers(connection);
        else converse(connection);
    }
    if (connection->socket >= 0) close(connection->socket);
    connection->socket = -1;
    incoming_clear(&connection->incoming);
    pthread_mutex_lock(&connection->lock);
    connection->cancelled = true;
    struct outgoing_queue unsent = connection->outgoing;
    connection->outgoing = (struct outgoing_queue){0};
    pthread_mutex_unlock(&connection->lock);
    outgoing_unwind(&unsent);
    connection_deliver(connection, XPC_ERROR_CONNECTION_INVALID);
    xpc_release(connection);
    return NULL;
}

/* Signals are for the threads of the program, except those that a thread brings on itself. */
static bool start_thread(xpc_connection_t connection) {
    static const int own_faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP};
    sigset_t blocked;
    sigset_t previous;
    sigfillset(&blocked);
    for (size_t index = 0; index < sizeof own_faults / sizeof *own_faults; index++) {
        sigdelset(&blocked, own_faults[index]);
    }
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0) return false;
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_sigmask(SIG_SETMASK, &blocked, &previous);
    pthread_t thread;
    bool started = pthread_create(&thread, &attributes, run, connection) == 0;
    pthread_sigmask(SIG_SETMASK, &previous, NULL);
    pthread_attr_destroy(&attributes);
    return started;
}

xpc_connection_t connection_create(enum role role, const struct address *address, int socket) {
    int ends[2];
    if (!descriptor_pipe(ends)) return NULL;
    xpc_connection_t connection = allocate_object(XPC_TYPE_CONNECTION, sizeof *connection);
    connection->role = role;
    if (address != NULL) connection->address = *address;
    connection->wake_read = ends[0];
    connection->wake_write = ends[1];
    connection->socket = socket;
    pthread_mutex_init(&connection->lock, NULL);
    xpc_retain(connection);
    if (start_thread(connection)) return connection;
    xpc_release(connection);
    xpc_release(connection);
    return NULL;
}

void connection_dispose(xpc_object_t disposed) {
    xpc_connection_t connection = disposed;
    close(connection->wake_read);
    close(connection->wake_write);
    pthread_mutex_destroy(&connection->lock);
}

xpc_connection_t xpc_connection_create_mach_service(const char *name, dispatch_queue_t queue, uint64_t flags) {
    if (queue != NULL) misuse("there are no queues");
    struct address address = address_of(name);
    bool listens = (flags & XPC_CONNECTION_MACH_SERVICE_LISTENER) != 0;
    return connection_create(listens ? LISTENER : CLIENT, &address, -1);
}

void xpc_standin_connection_set_event_handler(xpc_connection_t connection,
                                              void (*handler)(void *context, xpc_object_t event), void *context) {
    pthread_mutex_lock(&connection->lock);
    connection->handler = handler;
    connection->handler_context = context;
    pthread_mutex_unlock(&connection->lock);
}

void xpc_connection_activate(xpc_connection_t connection) {
    pthread_mutex_lock(&connection->lock);
    connection->active = true;
    pthread_mutex_unlock(&connection->lock);
    wake(connection);
}

void xpc_connection_resume(xpc_connection_t connection) {
    xpc_connection_activate(connection);
}

void xpc_connection_cancel(xpc_connection_t connection) {
    pthread_mutex_lock(&connection->lock);
    connection->cancelled = true;
    pthread_mutex_unlock(&connection->lock);
    wake(connection);
}

/* Returns false, leaving the item with the caller, when the connection is cancelled. */
static bool append(xpc_connection_t connection, struct outgoing *item) {
    pthread_mutex_lock(&connection->lock);
    bool taken = !connection->cancelled;
    if (taken) outgoing_append(&connection->outgoing, item);
    pthread_mutex_unlock(&connection->lock);
    if (taken) wake(connection);
    return taken;
}

void xpc_connection_send_message(xpc_connection_t connection, xpc_object_t message) {
    struct outgoing *item = outgoing_message(message);
    if (!append(connection, item)) free(item);
}

void xpc_standin_connection_send_barrier(xpc_connection_t connection, void (*barrier)(void *context), void *context) {
    struct outgoing *item = outgoing_barrier(barrier, context);
    if (append(connection, item)) return;
    free(item);
    barrier(context);
}
