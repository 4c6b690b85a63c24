/* For accept4 and pipe2, which leave no moment in which another thread's fork could inherit the descriptor. */
#ifdef __linux__
#define _GNU_SOURCE
#endif
#include "descriptor.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#ifdef __linux__

int descriptor_unix_socket(void) {
    return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

int descriptor_accept(int listening) {
    return accept4(listening, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

bool descriptor_pipe(int ends[2]) {
    return pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0;
}

ssize_t descriptor_send(int socket, const void *bytes, size_t length) {
    return send(socket, bytes, length, MSG_NOSIGNAL);
}

#else

static bool prepare(int descriptor) {
    return fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 && fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0;
}

static int prepare_socket(int descriptor) {
    if (descriptor < 0) return -1;
    int on = 1;
    if (prepare(descriptor) && setsockopt(descriptor, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on) == 0) return descriptor;
    close(descriptor);
    return -1;
}

int descriptor_unix_socket(void) {
    return prepare_socket(socket(AF_UNIX, SOCK_STREAM, 0));
}

int descriptor_accept(int listening) {
    return prepare_socket(accept(listening, NULL, NULL));
}

bool descriptor_pipe(int ends[2]) {
    if (pipe(ends) != 0) return false;
    if (prepare(ends[0]) && prepare(ends[1])) return true;
    close(ends[0]);
    close(ends[1]);
    return false;
}

ssize_t descriptor_send(int socket, const void *bytes, size_t length) {
    return send(socket, bytes, length, 0);
}

#endif
