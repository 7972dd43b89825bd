// The least an agent can do: one connection, the requests of a conversation that grows, a shell started for each answer.
// It reads answers only to their end and understands nothing of them; every agent must do more.
// usage: floor PORT TURNS COMMAND
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void read_answer(int server) {
    static char buffer[1 << 16];
    size_t filled = 0;
    for (;;) {
        ssize_t count = read(server, buffer + filled, sizeof buffer - 1 - filled);
        if (count <= 0) fail("read");
        filled += count;
        buffer[filled] = 0;
        char *body = strstr(buffer, "\r\n\r\n"), *length = strcasestr(buffer, "content-length:");
        if (body && length && filled >= (size_t)(body + 4 - buffer) + strtoul(length + 15, NULL, 10)) return;
    }
}

int main(int argc, char **argv) {
    if (argc != 4) return 2;
    int turns = atoi(argv[2]), server = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (connect(server, (struct sockaddr *)&address, sizeof address)) fail("connect");
    setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);

    char *messages = malloc(1024 + (size_t)turns * 512), *request = malloc(2048 + (size_t)turns * 512);
    size_t used = sprintf(messages, "{\"role\":\"system\",\"content\":\"Measure.\"},{\"role\":\"user\",\"content\":\"Go\"}");
    for (int turn = 0;; turn++) {
        const char *before = "{\"model\":\"mock\",\"messages\":[",
                   *after = "],\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"bash\",\"parameters\":{\"type\":\"object\","
                            "\"properties\":{\"command\":{\"type\":\"string\"}}}}}]}";
        size_t size = sprintf(request, "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
                              "content-length: %zu\r\n\r\n%s%s%s", strlen(before) + used + strlen(after), before, messages, after);
        for (size_t sent = 0; sent < size;) {
            ssize_t count = write(server, request + sent, size - sent);
            if (count <= 0) fail("write");
            sent += count;
        }
        read_answer(server);
        if (turn == turns) return 0;

        pid_t shell;
        int status;
        char *arguments[] = {"bash", "-c", argv[3], NULL};
        if (posix_spawnp(&shell, "bash", NULL, NULL, arguments, environ)) fail("bash");
        if (waitpid(shell, &status, 0) != shell || status) fail("command");
        used += sprintf(messages + used, ",{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"call_%d\",\"type\":\"function\",\"function\":"
                        "{\"name\":\"bash\",\"arguments\":\"{\\\"command\\\": \\\"%.200s\\\"}\"}}]},{\"role\":\"tool\",\"tool_call_id\":"
                        "\"call_%d\",\"content\":\"\"}", turn, argv[3], turn);
    }
}
