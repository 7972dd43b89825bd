// The physical floor for accepting webhooks durably: no signature check, no filter, no database, only HTTP and the disk.
//
// usage: groupcommit <port> <file>
//
// One thread. All requests that became complete in one round of epoll share a single write and a single fdatasync, and are
// answered after it: the cost of the disk is divided among them, and nothing is acknowledged that could still be lost.
// It understands just enough HTTP/1.1 for a benchmark: keep-alive, Content-Length, one request at a time on a connection.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { ROUND = 256, REQUEST_LIMIT = 64 * 1024 };

struct connection {
    int socket;
    size_t filled;      // bytes of the request read so far
    size_t body;        // where its body begins, 0 while the head is incomplete
    size_t body_length;
    char buffer[REQUEST_LIMIT + 1];  // one more for the zero that the string functions need
};

static const char ANSWER[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static int open_listener(int port) {
    int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 512) != 0) fail("listen");
    return listener;
}

static void watch(int epoll, int socket, struct connection *connection) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event) != 0) fail("epoll_ctl");
}

static void accept_connection(int epoll, int listener) {
    int socket = accept(listener, NULL, NULL), on = 1;
    if (socket < 0) return;
    struct connection *connection = calloc(1, sizeof *connection);
    if (!connection) fail("calloc");
    connection->socket = socket;
    // Answers are small: without this the kernel would hold them back for more.
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    watch(epoll, socket, connection);
}

static void end_connection(struct connection *connection) {
    close(connection->socket);
    free(connection);
}

// Reads what is there; returns 1 once the request is complete, 0 if more must come, -1 if the connection is of no more use.
static int read_request(struct connection *c) {
    ssize_t count = read(c->socket, c->buffer + c->filled, REQUEST_LIMIT - c->filled);
    if (count <= 0) return -1;
    c->filled += count;
    c->buffer[c->filled] = 0;
    if (c->body == 0) {
        char *end = strstr(c->buffer, "\r\n\r\n");
        if (!end) return c->filled == REQUEST_LIMIT ? -1 : 0;
        // The head becomes a string of its own, so that a header is not looked for in the body.
        *end = 0;
        char *length = strcasestr(c->buffer, "\r\ncontent-length:");
        c->body = end + 4 - c->buffer;
        c->body_length = length ? strtoul(length + strlen("\r\ncontent-length:"), NULL, 10) : 0;
        if (c->body_length > REQUEST_LIMIT - c->body) return -1;
    }
    return c->filled >= c->body + c->body_length;
}

// Appends the bodies of all these requests and returns once they are on the disk.
static void store(int file, struct connection **complete, int count) {
    struct iovec parts[ROUND];
    ssize_t total = 0;
    for (int i = 0; i < count; i++) {
        parts[i] = (struct iovec){complete[i]->buffer + complete[i]->body, complete[i]->body_length};
        total += complete[i]->body_length;
    }
    if (writev(file, parts, count) != total) fail("writev");
    if (fdatasync(file) != 0) fail("fdatasync");
}

static void answer(struct connection *c) {
    // Ready for the next request; an answer that cannot be sent shows up as the end of the connection in a later round.
    c->filled = c->body = c->body_length = 0;
    send(c->socket, ANSWER, sizeof ANSWER - 1, MSG_NOSIGNAL);
}

int main(int count, char **arguments) {
    if (count != 3) {
        fprintf(stderr, "usage: groupcommit <port> <file>\n");
        return 2;
    }
    int listener = open_listener(atoi(arguments[1]));
    int file = open(arguments[2], O_CREAT | O_WRONLY | O_APPEND, 0600);
    int epoll = epoll_create1(0);
    if (file < 0 || epoll < 0) fail("open");
    watch(epoll, listener, NULL);

    for (;;) {
        struct epoll_event events[ROUND];
        struct connection *complete[ROUND];
        int ready = epoll_wait(epoll, events, ROUND, -1), completed = 0;
        if (ready < 0 && errno != EINTR) fail("epoll_wait");
        for (int i = 0; i < ready; i++) {
            struct connection *connection = events[i].data.ptr;
            if (!connection) {
                accept_connection(epoll, listener);
                continue;
            }
            int state = read_request(connection);
            if (state < 0) end_connection(connection);
            if (state > 0) complete[completed++] = connection;
        }
        if (completed == 0) continue;
        store(file, complete, completed);
        for (int i = 0; i < completed; i++) answer(complete[i]);
    }
}
