/* The socket pair that carries event frames to the reader. */
#ifndef EVENT_SOCKET_H
#define EVENT_SOCKET_H

#include <stdbool.h>
#include <stddef.h>

struct event_socket {
    int write_end;
    int read_end;
};

/* Both ends blocking and close-on-exec; a write never raises SIGPIPE. False without file descriptors or memory. */
bool event_socket_open(struct event_socket *socket);

/* Writes everything, waiting for the reader as long as it takes. False when the reader has closed its end. */
bool event_socket_write(int write_end, const char *bytes, size_t length);

#endif
