#!/usr/bin/env python3
"""A server made with the official SDK (PyPI `mcp`); over HTTP with --http, its port on the first line."""

import socket
import sys

try:
    from mcp.server import MCPServer as Server
except ImportError:
    from mcp.server.fastmcp import FastMCP as Server

server = Server("official")


@server.tool()
def add(a: int, b: int = 2) -> int:
    """Adds two numbers."""
    return a + b


@server.tool()
def choose(words: list[str], at: int | None = None) -> str:
    """Picks a word."""
    return words[at or 0]


if "--http" in sys.argv:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    print(port, flush=True)
    server.run("streamable-http", host="127.0.0.1", port=port)
else:
    server.run("stdio")
