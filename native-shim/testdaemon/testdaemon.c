/*
 * A codexpc daemon without a model, for tests of the way over XPC where no real one is installed:
 *
 *     testdaemon --service NAME
 *
 * It speaks as much of the daemon's protocol as a gateway needs: health, handshake, create_from_tokens and cancel. It
 * can't read tokens, so it says a fixed sentence, or goes on until it is cancelled when max_output_tokens leaves room
 * for more than 10000. CODEXPC_TEST_FORCE_TOOL=name:input makes every session report that call and then go on until it
 * is cancelled, as the real one does. Like that one, it has four sessions at most, sends events as messages of their
 * own, and ends a cancelled session by `completed`.
 *
 * With Apple's libxpc launchd has to start it, by an agent that names the service under MachServices; with the
 * stand-in the service is a socket.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../src/xpc_adapter.h"

enum { most_sessions = 4, long_answer = 10000, first_control_id = 199998, last_control_id = 201088 };

struct session {
    struct session *next;
    xpc_connection_t connection;
    char *req_id;
    uint64_t input_tokens;
    uint64_t most_output_tokens;
    atomic_bool cancelled;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct session *sessions;
static unsigned session_count;

static xpc_object_t new_message(const char *req_id, const char *type) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    xpc_object_t message = xpc_dictionary_create(NULL, NULL, 0);
    xpc_dictionary_set_string(message, "service", "codexpc");
    xpc_dictionary_set_uint64(message, "proto_version", 1);
    xpc_dictionary_set_string(message, "req_id", req_id);
    xpc_dictionary_set_string(message, "type", type);
    xpc_dictionary_set_uint64(message, "ts_ns", (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec);
    return message;
}

/* Sends a message and gives it up. */
static void send_off(xpc_connection_t connection, xpc_object_t message) {
    xpc_connection_send_message(connection, message);
    xpc_release(message);
}

static void send_error(xpc_connection_t connection, const char *req_id, const char *code, const char *text) {
    xpc_object_t message = new_message(req_id, "error");
    xpc_dictionary_set_string(message, "code", code);
    xpc_dictionary_set_string(message, "message", text);
    send_off(connection, message);
}

static void append_string(xpc_object_t array, const char *text) {
    xpc_object_t string = xpc_string_create(text);
    xpc_array_append_value(array, string);
    xpc_release(string);
}

/* Puts a value into a dictionary and gives it up. */
static void put(xpc_object_t dictionary, const char *key, xpc_object_t value) {
    xpc_dictionary_set_value(dictionary, key, value);
    xpc_release(value);
}

static const char *control_token(unsigned id, char text[32]) {
    switch (id) {
    case 199998: return "<|startoftext|>";
    case 199999: return "<|endoftext|>";
    case 200002: return "<|return|>";
    case 200003: return "<|constrain|>";
    case 200005: return "<|channel|>";
    case 200006: return "<|start|>";
    case 200007: return "<|end|>";
    case 200008: return "<|message|>";
    case 200012: return "<|call|>";
    default: snprintf(text, 32, "<|reserved_%u|>", id); return text;
    }
}

static void shake_hands(xpc_connection_t connection, const char *req_id) {
    xpc_object_t message = new_message(req_id, "handshake.ok");
    xpc_dictionary_set_string(message, "harmony_semver", "testdaemon");
    xpc_dictionary_set_string(message, "encoding_name", "HarmonyGptOss");
    xpc_object_t names = xpc_array_create(NULL, 0);
    for (unsigned id = first_control_id; id <= last_control_id; id++) {
        char text[32];
        append_string(names, control_token(id, text));
    }
    put(message, "special_tokens", names);
    xpc_object_t stops = xpc_array_create(NULL, 0);
    const uint64_t stop_ids[] = {200002, 200012};
    for (size_t index = 0; index < sizeof stop_ids / sizeof *stop_ids; index++) {
        xpc_object_t id = xpc_uint64_create(stop_ids[index]);
        xpc_array_append_value(stops, id);
        xpc_release(id);
    }
    put(message, "stop_tokens_for_assistant_actions", stops);
    send_off(connection, message);
}

static void send_created(struct session *session) {
    static const char *const features[] = {"health", "text_input", "harmony_system", "token_usage"};
    xpc_object_t message = new_message(session->req_id, "created");
    xpc_object_t names = xpc_array_create(NULL, 0);
    for (size_t index = 0; index < sizeof features / sizeof *features; index++) append_string(names, features[index]);
    put(message, "features", names);
    send_off(session->connection, message);
}

static void send_delta(struct session *session, const char *text) {
    xpc_object_t message = new_message(session->req_id, "output_text.delta");
    xpc_dictionary_set_string(message, "text", text);
    send_off(session->connection, message);
}

static void send_tool_call(struct session *session, const char *forced) {
    const char *colon = strchr(forced, ':');
    size_t length = colon == NULL ? strlen(forced) : (size_t)(colon - forced);
    char *name = calloc(length + 1, 1);
    memcpy(name, forced, length);
    xpc_object_t item = xpc_dictionary_create(NULL, NULL, 0);
    xpc_dictionary_set_string(item, "type", "tool_call");
    xpc_dictionary_set_string(item, "status", "requested");
    xpc_dictionary_set_string(item, "name", name);
    xpc_dictionary_set_string(item, "input", colon == NULL ? "" : colon + 1);
    xpc_dictionary_set_string(item, "call_id", "call-1");
    free(name);
    xpc_object_t message = new_message(session->req_id, "output_item.done");
    put(message, "item", item);
    send_off(session->connection, message);
}

static void send_completed(struct session *session, uint64_t output_tokens) {
    xpc_object_t message = new_message(session->req_id, "completed");
    xpc_dictionary_set_string(message, "response_id", session->req_id);
    xpc_object_t usage = xpc_dictionary_create(NULL, NULL, 0);
    xpc_dictionary_set_uint64(usage, "input_tokens", session->input_tokens);
    xpc_dictionary_set_uint64(usage, "output_tokens", output_tokens);
    xpc_dictionary_set_uint64(usage, "total_tokens", session->input_tokens + output_tokens);
    put(message, "token_usage", usage);
    send_off(session->connection, message);
}

/* Talks on until it is cancelled or has used up its tokens; returns how many it has used. */
static uint64_t talk(struct session *session) {
    uint64_t used = 0;
    while (!atomic_load(&session->cancelled) && used < session->most_output_tokens) {
        send_delta(session, "and so on ");
        used += 3;
        usleep(1000);
    }
    return used < session->most_output_tokens ? used : session->most_output_tokens;
}

static void forget(struct session *session) {
    pthread_mutex_lock(&lock);
    struct session **link = &sessions;
    while (*link != session) link = &(*link)->next;
    *link = session->next;
    session_count--;
    pthread_mutex_unlock(&lock);
    xpc_release((xpc_object_t)session->connection);
    free(session->req_id);
    free(session);
}

static void *run_session(void *argument) {
    struct session *session = argument;
    const char *forced = getenv("CODEXPC_TEST_FORCE_TOOL");
    uint64_t used = 8;
    if (forced != NULL) send_tool_call(session, forced);
    if (forced != NULL || session->most_output_tokens > long_answer) {
        used += talk(session);
    } else {
        send_delta(session, "This is the test daemon");
        send_delta(session, ", not a model.");
    }
    send_completed(session, used);
    forget(session);
    return NULL;
}

/* What is wrong with a request, or NULL. The gateway promises each of these. */
static const char *fault_in(xpc_object_t request) {
    const char *checkpoint = xpc_dictionary_get_string(request, "checkpoint_path");
    xpc_object_t sampling = xpc_dictionary_get_value(request, "sampling");
    size_t bytes = 0;
    if (checkpoint == NULL || checkpoint[0] == '\0') return "checkpoint_path is missing";
    if (xpc_dictionary_get_data(request, "prefill_tokens", &bytes) == NULL) return "prefill_tokens is missing";
    if (bytes == 0 || bytes % 4 != 0) return "prefill_tokens is no array of u32";
    if (sampling == NULL || xpc_get_type(sampling) != XPC_TYPE_DICTIONARY) return "sampling is missing";
    if (xpc_dictionary_get_double(sampling, "temperature") != xpc_dictionary_get_double(request, "temperature"))
        return "the two temperatures differ";
    return NULL;
}

static void create(xpc_connection_t connection, const char *req_id, xpc_object_t request) {
    size_t bytes = 0;
    struct session *session = calloc(1, sizeof *session);
    session->connection = connection;
    xpc_retain((xpc_object_t)connection);
    session->req_id = strdup(req_id);
    if (xpc_dictionary_get_data(request, "prefill_tokens", &bytes) != NULL) session->input_tokens = bytes / 4;
    session->most_output_tokens = xpc_dictionary_get_uint64(request, "max_output_tokens");
    if (session->most_output_tokens == 0) session->most_output_tokens = UINT64_MAX;
    atomic_init(&session->cancelled, false);

    pthread_mutex_lock(&lock);
    bool full = session_count == most_sessions;
    session->next = sessions;
    sessions = session;
    session_count++;
    pthread_mutex_unlock(&lock);
    if (full) {
        send_error(connection, req_id, "over_capacity", "four sessions are running");
        forget(session);
        return;
    }
    send_created(session);
    const char *fault = fault_in(request);
    pthread_t thread;
    if (fault != NULL || pthread_create(&thread, NULL, run_session, session) != 0) {
        send_error(connection, req_id, "bad_request", fault == NULL ? "no thread" : fault);
        forget(session);
        return;
    }
    pthread_detach(thread);
}

/* With a NULL req_id, all of the connection's. */
static void cancel(xpc_connection_t connection, const char *req_id) {
    pthread_mutex_lock(&lock);
    for (struct session *session = sessions; session != NULL; session = session->next) {
        if (session->connection != connection) continue;
        if (req_id == NULL || strcmp(session->req_id, req_id) == 0) atomic_store(&session->cancelled, true);
    }
    pthread_mutex_unlock(&lock);
}

static void on_peer_event(void *context, xpc_object_t event) {
    xpc_connection_t connection = context;
    if (xpc_get_type(event) != XPC_TYPE_DICTIONARY) {
        cancel(connection, NULL);
        return;
    }
    const char *type = xpc_dictionary_get_string(event, "type");
    const char *req_id = xpc_dictionary_get_string(event, "req_id");
    if (type == NULL || req_id == NULL) return;
    if (xpc_dictionary_get_uint64(event, "proto_version") != 1) {
        send_error(connection, req_id, "unsupported_protocol", "proto_version is not 1");
    } else if (strcmp(type, "health") == 0) {
        send_off(connection, new_message(req_id, "health.ok"));
    } else if (strcmp(type, "handshake") == 0) {
        shake_hands(connection, req_id);
    } else if (strcmp(type, "create_from_tokens") == 0) {
        create(connection, req_id, event);
    } else if (strcmp(type, "cancel") == 0) {
        cancel(connection, req_id);
    }
}

static void on_listener_event(void *context, xpc_object_t event) {
    (void)context;
    if (xpc_get_type(event) != XPC_TYPE_CONNECTION) {
        fprintf(stderr, "testdaemon: the service can't be registered, or is no longer\n");
        exit(1);
    }
    set_event_handler((xpc_connection_t)event, on_peer_event, event);
    xpc_connection_resume((xpc_connection_t)event);
}

int main(int argc, char **argv) {
    if (argc != 3 || strcmp(argv[1], "--service") != 0) {
        fprintf(stderr, "Usage: testdaemon --service NAME\n");
        return 2;
    }
    xpc_connection_t listener = xpc_connection_create_mach_service(argv[2], NULL, XPC_CONNECTION_MACH_SERVICE_LISTENER);
    set_event_handler(listener, on_listener_event, NULL);
    xpc_connection_resume(listener);
    for (;;) pause();
}
