"""A server of the Chat Completions protocol that asks for a command so many times and then ends; thinking takes it no time.

It runs as threads of the measuring process, which otherwise only waits, so its CPU time is not counted with the agents'.
"""

import json, re, socket, threading, time

DONE = "done"


class Mock:
    """One server for one run. Every answer is made beforehand and leaves in one write: no packet waits for another's acknowledgement."""

    def __init__(self, turns, command, last_command=None):
        """`last_command` comes with the final answer, for agents that cannot end with a text alone."""
        calls = [(None, command)] * turns + [(DONE, last_command)]
        self.answers = {streaming: [http(answer(n, streaming, *call), streaming) for n, call in enumerate(calls)] for streaming in (False, True)}
        self.times, self.first_body, self.results, self.others = [], b"", 0, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.listener.getsockname()[1]}/v1"
        threading.Thread(target=self.accept, daemon=True).start()

    def close(self):
        # Closing alone does not wake a thread that waits in accept.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        try:
            while request := read_request(connection):
                connection.sendall(self.reply(*request))
        except OSError:
            pass  # The client went away; whether it had all it needed is seen from the counts.

    def reply(self, line, body):
        if not re.match(rb"POST \S*/chat/completions ", line):
            self.others.append(line.decode(errors="replace"))
            return b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"
        self.times.append(time.perf_counter())
        self.first_body = self.first_body or body
        # Bodies are searched, not decoded: they grow with each turn, and decoding would soon cost more than a turn.
        self.results = len(re.findall(rb'"role" ?: ?"tool"', body))
        answers = self.answers[re.search(rb'"stream" ?: ?true', body) is not None]
        return answers[min(len(self.times), len(answers)) - 1]


def read_request(connection):
    """The first line and the body of the next request, or None at the end of the connection."""
    data = bytearray()
    while (end := data.find(b"\r\n\r\n")) < 0:
        more = connection.recv(1 << 20)
        if not more:
            return None
        data += more
    head = bytes(data[:end])
    length = re.search(rb"\r\ncontent-length: *(\d+)", head, re.I)
    size = end + 4 + (int(length[1]) if length else 0)
    while len(data) < size:
        more = connection.recv(1 << 20)
        if not more:
            return None
        data += more
    return head.split(b"\r\n", 1)[0], bytes(data[end + 4:size])


def answer(number, streaming, text, command):
    """The body that asks for `command`, or says `text`, or both."""
    message = {"role": "assistant", "content": text}
    if command:
        function = {"name": "bash", "arguments": json.dumps({"command": command})}
        message["tool_calls"] = [{"index": 0, "id": f"call_{number}", "type": "function", "function": function}]
    ending = "tool_calls" if command else "stop"
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    common = {"id": f"answer-{number}", "created": 1, "model": "mock", "object": "chat.completion"}
    if not streaming:
        return json.dumps({**common, "choices": [{"index": 0, "message": message, "finish_reason": ending}], "usage": usage}).encode()
    common["object"] = "chat.completion.chunk"
    chunks = [{"choices": [{"index": 0, "delta": message, "finish_reason": None}]}, {"choices": [{"index": 0, "delta": {}, "finish_reason": ending}]},
              {"choices": [], "usage": usage}]
    return b"".join(b"data: " + json.dumps({**common, **chunk}).encode() + b"\n\n" for chunk in chunks) + b"data: [DONE]\n\n"


def http(body, streaming):
    kind = b"text/event-stream" if streaming else b"application/json"
    return b"HTTP/1.1 200 OK\r\ncontent-type: %s\r\ncontent-length: %d\r\n\r\n" % (kind, len(body)) + body
