/// What the container of a chat says to the gateway, and the gateway passes on to browsers.
package enum ChatReport: Hashable, Sendable {
    /// The first message of a container, and the only one that goes no further.
    case auth(token: String)
    /// A piece of the answer; `isDone`: the answer is over.
    case assistantMessage(String, isDone: Bool)
    /// A tool begins to work.
    case toolStart(id: String, tool: String, input: JSONValue)
    /// What it brought.
    case toolResult(id: String, tool: String, output: String, isError: Bool)
    /// A sentence for people: why there is no answer, or none any more.
    case error(String)
    /// Still there.
    case heartbeat

    /// Reads a message; everything that is not exactly one is refused.
    package init(parsing text: String) throws(ChatMessageError) {
        let fields = try ChatFields(parsing: text)
        switch fields.type {
        case "auth":
            try fields.require(only: ["token"])
            self = .auth(token: try fields.text("token"))
        case "assistant_message":
            try fields.require(only: ["text", "done"])
            self = .assistantMessage(try fields.text("text", mayBeEmpty: true), isDone: try fields.flag("done"))
        case "tool_start":
            try fields.require(only: ["id", "tool", "input"])
            self = .toolStart(
                id: try fields.text("id"),
                tool: try fields.text("tool"),
                input: try fields.object("input")
            )
        case "tool_result":
            try fields.require(only: ["id", "tool", "output", "isError"])
            self = .toolResult(
                id: try fields.text("id"),
                tool: try fields.text("tool"),
                output: try fields.text("output", mayBeEmpty: true),
                isError: try fields.flag("isError")
            )
        case "error":
            try fields.require(only: ["message"])
            self = .error(try fields.text("message"))
        case "heartbeat":
            try fields.require(only: [])
            self = .heartbeat
        default: throw .unknownType(fields.type)
        }
    }

    /// The message as it is sent.
    package var json: JSONValue {
        switch self {
        case .auth(let token): ["type": "auth", "token": .string(token)]
        case .assistantMessage(let text, let isDone):
            ["type": "assistant_message", "text": .string(text), "done": .bool(isDone)]
        case .toolStart(let id, let tool, let input):
            ["type": "tool_start", "id": .string(id), "tool": .string(tool), "input": input]
        case .toolResult(let id, let tool, let output, let isError):
            [
                "type": "tool_result", "id": .string(id), "tool": .string(tool), "output": .string(output),
                "isError": .bool(isError),
            ]
        case .error(let message): ["type": "error", "message": .string(message)]
        case .heartbeat: ["type": "heartbeat"]
        }
    }
}
