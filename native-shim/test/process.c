#include "process.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "check.h"

static char directory[64];

static void remove_directory(void) {
    DIR *listing = opendir(directory);
    if (listing != NULL) {
        struct dirent *entry;
        while ((entry = readdir(listing)) != NULL) {
            if (entry->d_name[0] != '.') unlinkat(dirfd(listing), entry->d_name, 0);
        }
        closedir(listing);
    }
    rmdir(directory);
}

const char *new_socket_path(void) {
    static char paths[32][80];
    static unsigned used;
    if (used == 0) {
        strcpy(directory, "/tmp/codexpc-shim-test-XXXXXX");
        if (mkdtemp(directory) == NULL) abort();
        atexit(remove_directory);
    }
    if (used == 32) abort();
    snprintf(paths[used], sizeof paths[used], "%s/%u.sock", directory, used);
    return paths[used++];
}

static unsigned count_entries(const char *path) {
    DIR *listing = opendir(path);
    if (listing == NULL) return 0;
    unsigned count = 0;
    struct dirent *entry;
    while ((entry = readdir(listing)) != NULL) count += entry->d_name[0] != '.';
    closedir(listing);
    return count;
}

unsigned open_descriptors(void) {
    return count_entries("/dev/fd/");
}

unsigned running_threads(void) {
    return count_entries("/proc/self/task");
}

void wait_for_counts(unsigned descriptors, unsigned threads) {
    while (open_descriptors() > descriptors || running_threads() > threads) usleep(1000);
}

void wait_for_bytes(int socket, int count) {
    int available = 0;
    while (ioctl(socket, FIONREAD, &available) == 0 && available < count) usleep(1000);
}

static bool read_exactly(int from, void *into, size_t size) {
    char *at = into;
    while (size > 0) {
        ssize_t got = read(from, at, size);
        if (got <= 0) return false;
        at += got;
        size -= (size_t)got;
    }
    return true;
}

char *next_event(int events) {
    uint32_t length;
    if (!read_exactly(events, &length, sizeof length)) return NULL;
    char *json = malloc((size_t)length + 1);
    if (!read_exactly(events, json, length)) {
        free(json);
        return NULL;
    }
    json[length] = '\0';
    return json;
}

void expect_event(int events, const char *json, const char *file, int line) {
    char *event = next_event(events);
    check_text(event == NULL ? "" : event, json, "the event", file, line);
    free(event);
}
