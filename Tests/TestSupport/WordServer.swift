import FoundationEssentials

/// A tool server with one tool, `word`: the variable `WORD` is its description and its answer.
package enum WordServer {
    /// Whether there is a Python to run it.
    package static let isPossible = FileManager.default.isExecutableFile(atPath: "/usr/bin/python3")

    /// Starts it.
    package static let command = ["python3", "-c", program]

    private static let program = """
        import json, os, sys
        for line in sys.stdin:
            m = json.loads(line)
            if m["method"] == "initialize":
                r = {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": {"name": "x", "version": "1"}}
            elif m["method"] == "tools/list":
                r = {"tools": [{"name": "word", "description": os.environ["WORD"], "inputSchema": {"type": "object"}}]}
            elif m["method"] == "tools/call":
                r = {"content": [{"type": "text", "text": os.environ["WORD"]}]}
            else:
                continue
            print(json.dumps({"jsonrpc": "2.0", "id": m["id"], "result": r}), flush=True)
        """
}
