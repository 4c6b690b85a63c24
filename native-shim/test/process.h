/* What the tests need of the process and the file system. */
#ifndef PROCESS_H
#define PROCESS_H

#include <stddef.h>

/* A new path for a socket, in a directory of the test's own that is removed at exit. Good for the program's life. */
const char *new_socket_path(void);

unsigned open_descriptors(void);
/* 0 where the system doesn't tell. */
unsigned running_threads(void);

/* Waits until no more threads and descriptors are there than that. */
void wait_for_counts(unsigned descriptors, unsigned threads);

/* Waits until that many bytes can be read from a socket. */
void wait_for_bytes(int socket, int count);

/* The next event frame as NUL-terminated JSON, to be freed; NULL at the end of the file. */
char *next_event(int events);

/* Reads the next event and checks it; "" stands for the end of the file. */
#define EXPECT_EVENT(events, json) expect_event((events), (json), __FILE__, __LINE__)
void expect_event(int events, const char *json, const char *file, int line);

#endif
