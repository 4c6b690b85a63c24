#include "event_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../include/codexpc_shim.h"

#ifdef __APPLE__
/* SO_NOSIGPIPE does it there. */
#define SEND_FLAGS 0
#else
#define SEND_FLAGS MSG_NOSIGNAL
#endif

static bool prepare(int end) {
    /* Where the system allows less it is left with its own size. */
    int size = CODEXPC_EVENT_SOCKET_BYTES;
    (void)setsockopt(end, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    (void)setsockopt(end, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
#ifdef __APPLE__
    int on = 1;
    if (setsockopt(end, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on) != 0) return false;
    if (fcntl(end, F_SETFD, FD_CLOEXEC) != 0) return false;
#endif
    return true;
}

bool event_socket_open(struct event_socket *opened) {
    int ends[2];
#ifdef __APPLE__
    int type = SOCK_STREAM;
#else
    int type = SOCK_STREAM | SOCK_CLOEXEC;
#endif
    if (socketpair(AF_UNIX, type, 0, ends) != 0) return false;
    if (!prepare(ends[0]) || !prepare(ends[1])) {
        close(ends[0]);
        close(ends[1]);
        return false;
    }
    *opened = (struct event_socket){.write_end = ends[0], .read_end = ends[1]};
    return true;
}

bool event_socket_write(int write_end, const char *bytes, size_t length) {
    while (length > 0) {
        ssize_t written = send(write_end, bytes, length, SEND_FLAGS);
        if (written < 0) {
            if (errno == EINTR) continue;
            return false;
        }
        bytes += written;
        length -= (size_t)written;
    }
    return true;
}
