#!/usr/bin/env python3
"""A small server of the Model Context Protocol, for tests: over standard streams, or over HTTP with --http (prints its port).

Options come as JSON in the variable MCP_TEST: version (to answer with), page (tools a page), die_after (calls),
sse (answer over event streams), deaf_to (a method that is never accepted over HTTP), no_tools, twice (every tool is listed twice). Every message that comes is appended to the file in MCP_LOG.
"""

import base64
import http.server
import json
import os
import queue
import struct
import sys
import threading

OPTIONS = json.loads(os.environ.get("MCP_TEST", "{}"))
LOG = os.environ.get("MCP_LOG")
RECURSIVE = {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}}}
TOOLS = [
    {"name": "echo", "description": "Say it again", "inputSchema": {
        "$schema": "x", "type": "object", "additionalProperties": False, "required": ["text", "ghost"],
        "properties": {"text": {"anyOf": [{"type": "null"}, {"type": "string"}], "default": "x"}}}},
    {"name": "fail", "description": "Fails", "inputSchema": {"type": "object"}},
    {"name": "picture", "description": "Shows", "inputSchema": {"type": "object"}},
    {"name": "facts", "description": "Structured", "inputSchema": {"$defs": {"node": RECURSIVE}, **RECURSIVE}},
    {"name": "slow", "description": "Never answers", "inputSchema": {"type": "object"}},
    {"name": "steady", "description": "Answers after five words of progress", "inputSchema": {"type": "object"}},
    {"name": "environment", "description": "Shows a variable", "inputSchema": {"type": "object"}},
    {"name": "add_tool", "description": "Makes another tool", "inputSchema": {"type": "object"}},
    {"name": "die", "description": "Ends the server", "inputSchema": {"type": "object"}},
    {"name": "ask", "description": "Asks the client", "inputSchema": {"type": "object"}},
    {"name": "flood", "description": "Says too much", "inputSchema": {"type": "object"}},
]
calls = 0
answers = queue.Queue()


def note(message):
    if LOG:
        with open(LOG, "a") as file:
            file.write(json.dumps(message) + "\n")


def text(value, **more):
    return {"content": [{"type": "text", "text": value}], **more}


def listed(params):
    if OPTIONS.get("no_tools"):
        return {"tools": []}
    start, size = int(params.get("cursor") or 0), OPTIONS.get("page", 100)
    result = {"tools": TOOLS[start:start + size]}
    if start + size < len(TOOLS):
        result["nextCursor"] = str(start + size)
    if OPTIONS.get("twice"):
        result["tools"] = result["tools"] * 2
    return result


def called(params, send):
    name, arguments = params["name"], params.get("arguments", {})
    token = params.get("_meta", {}).get("progressToken")
    if name == "echo":
        return text("echo: " + json.dumps(arguments, sort_keys=True))
    if name == "fail":
        return text("it broke", isError=True)
    if name == "picture":
        head = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 4, arguments.get("height", 2)) + b"\x08\x06\0\0\0"
        data = b"<svg/>" if arguments.get("svg") else head + b"\0" * arguments.get("padding", 0)
        mime = "image/svg+xml" if arguments.get("svg") else "image/png"
        picture = {"type": "image", "data": base64.b64encode(data).decode(), "mimeType": mime}
        return {"content": [picture, {"type": "text", "text": "seen"}]}
    if name == "facts":
        return {"content": [], "structuredContent": {"a": 1}}
    if name == "slow":
        return None
    if name == "steady":
        for step in range(5):
            send({"jsonrpc": "2.0", "method": "notifications/progress", "params": {"progressToken": token, "progress": step}})
        return text("done")
    if name == "environment":
        return text(os.environ.get("WORD", "") + " " + os.getcwd())
    if name == "add_tool":
        TOOLS.append({"name": "later", "description": "New", "inputSchema": {"type": "object"}})
        send({"jsonrpc": "2.0", "method": "notifications/tools/list_changed"})
        return text("added")
    if name == "die":
        os._exit(3)
    if name == "flood":
        return text("line\n" * 100000)
    if name == "ask":
        for number, method in enumerate(["ping", "sampling/createMessage", "roots/list", "elicitation/create"]):
            send({"jsonrpc": "2.0", "id": f"q{number}", "method": method, "params": {}})
        return text(" ".join("ok" if "result" in answers.get(timeout=20) else "refused" for _ in range(4)))
    raise KeyError(name)


def handle(message, send):
    note(message)
    method, number = message.get("method"), message.get("id")
    if method is None:
        answers.put(message)
        return
    if number is None:
        return
    try:
        if method == "initialize":
            version = OPTIONS.get("version", message["params"]["protocolVersion"])
            result = {"protocolVersion": version, "capabilities": {"tools": {"listChanged": True}},
                      "serverInfo": {"name": "test", "version": "1"}}
        elif method == "tools/list":
            result = listed(message.get("params", {}))
        elif method == "tools/call":
            result = called(message["params"], send)
            if result is None:
                return
        else:
            result = {}
        send({"jsonrpc": "2.0", "id": number, "result": result})
    except KeyError as error:
        send({"jsonrpc": "2.0", "id": number, "error": {"code": -32602, "message": f"unknown tool {error}"}})


def serve_streams():
    lock = threading.Lock()

    def send(message):
        with lock:
            print(json.dumps(message), flush=True)

    print("this line is no message", flush=True)
    print("words for people", file=sys.stderr, flush=True)
    for line in sys.stdin:
        message = json.loads(line)
        threading.Thread(target=handle, args=(message, send), daemon=True).start()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    events = queue.Queue()

    def do_POST(self):
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        first = message.get("method") == "initialize"
        if self.headers.get("Authorization") != "Bearer sesame" or (not first and self.headers.get("Mcp-Session-Id") != "s1"):
            return self.answer(401 if first else 404, b"")
        if not first and not self.headers.get("MCP-Protocol-Version"):
            return self.answer(400, b"")
        if "text/event-stream" not in self.headers["Accept"] or "application/json" not in self.headers["Accept"]:
            return self.answer(406, b"")
        if message.get("params", {}).get("name") == "fail":
            status = message["params"]["arguments"]["status"]
            return self.answer(status, b"not now", "text/plain", location="/elsewhere")
        if message.get("method") == OPTIONS.get("deaf_to"):
            note(message)
            threading.Event().wait()
        out = []
        handle(message, out.append)
        if not out:
            if message.get("id") is None or message.get("method") is None:
                return self.answer(202, b"")
            threading.Event().wait(30)
        if OPTIONS.get("sse") and message.get("method") != "initialize":
            body = "".join(": comment\n" + "event: message\ndata: " + json.dumps(part) + "\n\n" for part in out)
            return self.answer(200, body.encode(), "text/event-stream")
        for part in out[:-1]:
            self.events.put(part)
        self.answer(200, json.dumps(out[-1]).encode())

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.close_connection = True
        while True:
            self.wfile.write(("data: " + json.dumps(self.events.get()) + "\n\n").encode())
            self.wfile.flush()

    def do_DELETE(self):
        note({"method": "DELETE", "session": self.headers.get("Mcp-Session-Id")})
        self.answer(200, b"")

    def answer(self, status, body, kind="application/json", location=None):
        self.send_response(status)
        if location and 300 <= status < 400:
            self.send_header("Location", location)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Mcp-Session-Id", "s1")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


if "--http" in sys.argv:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    print(server.server_address[1], flush=True)
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    server.serve_forever()
else:
    serve_streams()
