#include "address.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "descriptor.h"

static void default_directory(char *path, size_t size) {
    snprintf(path, size, "/tmp/codexpc-standin-%lu", (unsigned long)geteuid());
}

struct address address_of(const char *service) {
    struct address address = {.socket = {.sun_family = AF_UNIX}};
    char *path = address.socket.sun_path;
    size_t size = sizeof address.socket.sun_path;
    int length;
    if (service[0] == '/') {
        length = snprintf(path, size, "%s", service);
    } else {
        char fallback[64];
        default_directory(fallback, sizeof fallback);
        const char *directory = getenv("CODEXPC_STANDIN_DIR");
        address.in_default_directory = directory == NULL || directory[0] == '\0';
        length = snprintf(path, size, "%s/%s.sock", address.in_default_directory ? fallback : directory, service);
    }
    if (length < 0 || (size_t)length >= size) path[0] = '\0';
    return address;
}

/* Whether nobody else could have put the socket where it is. */
static bool is_trusted(const struct address *address) {
    if (!address->in_default_directory) return true;
    char path[64];
    default_directory(path, sizeof path);
    struct stat status;
    return lstat(path, &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == geteuid() &&
           (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

enum connect_result address_connect(const struct address *address, int *connected) {
    if (address->socket.sun_path[0] == '\0' || !is_trusted(address)) return ABSENT;
    int descriptor = descriptor_unix_socket();
    /* Without a descriptor now there may be one later. */
    if (descriptor < 0) return BUSY;
    if (connect(descriptor, (const struct sockaddr *)&address->socket, sizeof address->socket) == 0) {
        *connected = descriptor;
        return CONNECTED;
    }
    int error = errno;
    close(descriptor);
    return error == EAGAIN || error == EINTR ? BUSY : ABSENT;
}

int address_listen(const struct address *address) {
    if (address->socket.sun_path[0] == '\0') return -1;
    if (address->in_default_directory) {
        char path[64];
        default_directory(path, sizeof path);
        (void)mkdir(path, S_IRWXU);
    }
    if (!is_trusted(address)) return -1;
    int probe;
    enum connect_result found = address_connect(address, &probe);
    if (found == CONNECTED) close(probe);
    if (found != ABSENT) return -1;
    struct stat status;
    if (lstat(address->socket.sun_path, &status) == 0) {
        if (!S_ISSOCK(status.st_mode)) return -1;
        unlink(address->socket.sun_path);
    }
    int descriptor = descriptor_unix_socket();
    if (descriptor < 0) return -1;
    if (bind(descriptor, (const struct sockaddr *)&address->socket, sizeof address->socket) == 0 &&
        chmod(address->socket.sun_path, S_IRUSR | S_IWUSR) == 0 && listen(descriptor, 128) == 0) {
        return descriptor;
    }
    close(descriptor);
    return -1;
}

void address_forget(const struct address *address) {
    unlink(address->socket.sun_path);
}
