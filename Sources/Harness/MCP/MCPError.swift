/// Why a tool server could not do its part.
package struct MCPError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is.
    package enum Code: String, CaseIterable, Hashable, Sendable {
        case notStarted, unknownVersion, timedOut, gone, refused, badAnswer
    }

    package let code: Code
    /// Name of the server's table.
    package let server: String
    package let text: String

    init(_ code: Code, _ server: String, _ text: String) {
        self.code = code
        self.server = server
        self.text = text
    }

    package var description: String { "MCP server \(server): \(text)" }
}
