#include "../src/handles.h"

#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../include/codexpc_shim.h"
#include "check.h"
#include "process.h"

static struct connection *open_connection(void) {
    int events;
    struct connection *connection = connection_open("/nowhere.sock", &events);
    close(events);
    return connection;
}

static void generations(void) {
    int32_t first = handles_reserve();
    handles_unreserve(first);
    bool seen = false;
    for (unsigned round = 0; round < 3 * CODEXPC_MAX_CONNECTIONS; round++) {
        int32_t handle = handles_reserve();
        if (handle <= 0) CHECK_INT(handle, 1);
        seen = seen || handle == first;
        handles_unreserve(handle);
    }
    CHECK(!seen);
}

static void stale(void) {
    int32_t handle = handles_reserve();
    CHECK(handles_borrow(handle) == NULL);
    CHECK(handles_remove(handle) == NULL);
    struct connection *connection = open_connection();
    handles_assign(handle, connection);
    CHECK(handles_borrow(handle) == connection);
    connection_release(connection);
    CHECK(handles_remove(handle) == connection);
    CHECK(handles_borrow(handle) == NULL);
    CHECK(handles_remove(handle) == NULL);
    connection_cancel(connection);
    connection_release(connection);
}

static void exhaustion(void) {
    int32_t handles[CODEXPC_MAX_CONNECTIONS];
    for (unsigned index = 0; index < CODEXPC_MAX_CONNECTIONS; index++) {
        handles[index] = handles_reserve();
        if (handles[index] <= 0) CHECK_INT(index, -1);
    }
    CHECK_INT(handles_reserve(), 0);
    int32_t events = -7;
    CHECK_INT(codexpc_open("/nowhere.sock", &events), CODEXPC_ERROR_TOO_MANY);
    CHECK_INT(events, -7);
    handles_unreserve(handles[77]);
    handles[77] = handles_reserve();
    CHECK(handles[77] > 0);
    CHECK_INT(handles_reserve(), 0);
    for (unsigned index = 0; index < CODEXPC_MAX_CONNECTIONS; index++) handles_unreserve(handles[index]);
}

static void without_descriptors(void) {
    unsigned threads = running_threads();
    unsigned descriptors = open_descriptors();
    struct rlimit limit;
    CHECK_INT(getrlimit(RLIMIT_NOFILE, &limit), 0);
    struct rlimit low = {.rlim_cur = 64, .rlim_max = limit.rlim_max};
    CHECK_INT(setrlimit(RLIMIT_NOFILE, &low), 0);
    int fillers[64];
    unsigned used = 0;
    while ((fillers[used] = dup(0)) >= 0) used++;
    /* With every number of descriptors left that is too small. */
    for (unsigned spare = 0; spare < 4; spare++) {
        int32_t events = -7;
        CHECK_INT(codexpc_open("/nowhere.sock", &events), CODEXPC_ERROR_RESOURCES);
        CHECK_INT(events, -7);
        close(fillers[--used]);
    }
    while (used > 0) close(fillers[--used]);
    CHECK_INT(setrlimit(RLIMIT_NOFILE, &limit), 0);
    int32_t events;
    int32_t handle = codexpc_open("/nowhere.sock", &events);
    CHECK(handle > 0);
    CHECK_INT(codexpc_close(handle), CODEXPC_OK);
    EXPECT_EVENT(events, "\"$closed\"");
    EXPECT_EVENT(events, "");
    close(events);
    wait_for_counts(descriptors, threads);
}

int main(void) {
    run_test("a handle is not given out again soon", generations);
    run_test("a stale or unassigned handle names nothing", stale);
    run_test("the table is bounded, and every slot comes back", exhaustion);
    run_test("opening without descriptors fails and leaves nothing behind", without_descriptors);
    return finish_tests();
}
