package import Domain
package import LanguageModels

/// Something the model can ask the harness to do.
///
/// Implementations are values without state of their own: what lasts from call to call lives in ``ToolContext``. Calls of one
/// reply run concurrently unless ``access(_:in:)`` says that they touch the same file.
package protocol Tool: Sendable {
    /// Name, description and schema as the model sees them; constant, because they are part of the cached prefix.
    var definition: ToolDefinition { get }

    /// Whether arguments that the schema does not name are passed on instead of left out.
    var acceptsUnknownArguments: Bool { get }

    /// Which file a call touches, so that calls on one file keep their order.
    func access(_ arguments: JSONValue, in context: ToolContext) -> ToolAccess

    /// Does it.
    ///
    /// - Parameters:
    ///   - arguments: checked against the schema and coerced.
    ///   - context: where and with what.
    /// - Returns: what the model reads.
    /// - Throws: ``HarnessError``; it becomes an error result and never ends the conversation.
    func run(_ arguments: JSONValue, in context: ToolContext) async throws -> ToolOutput
}

extension Tool {
    package var acceptsUnknownArguments: Bool { false }

    package func access(_ arguments: JSONValue, in context: ToolContext) -> ToolAccess { .free }
}

/// What a call does to the file system, as far as it matters for the order of calls.
package enum ToolAccess: Hashable, Sendable {
    case free
    case reads(String)
    case writes(String)

    /// Whether a later call must wait for an earlier one.
    func conflicts(with other: ToolAccess) -> Bool {
        switch (self, other) {
        case (.writes(let left), .writes(let right)), (.writes(let left), .reads(let right)),
            (.reads(let left), .writes(let right)):
            left == right
        default: false
        }
    }
}

/// The result of a call.
package struct ToolOutput: Hashable, Sendable {
    package var content: [Content]
    package var isError: Bool
    /// Names (`<type>.<field>`) of secrets that were taken out of the content already.
    package var redacted: Set<String>

    /// Collects the facts.
    package init(_ content: [Content], isError: Bool = false, redacted: Set<String> = []) {
        self.content = content
        self.isError = isError
        self.redacted = redacted
    }

    /// A result of one text part.
    package init(_ text: String, isError: Bool = false) { self.init([.text(text)], isError: isError) }

    /// All text parts joined.
    package var text: String { content.texts.joined(separator: "\n") }
}

/// Takes secrets out of a text and tells which (`<type>.<field>`) it found.
package typealias Redactor = @Sendable (String) -> (String, [String])

/// Where tools work, and what lasts between their calls.
package struct ToolContext: Sendable {
    /// Absolute path; relative paths of the model start here, and shells too.
    package var workingDirectory: String
    /// The whole environment of child processes; nothing is inherited.
    package var environment: [String: String]
    /// Where full outputs of shell commands are kept.
    package var temporaryDirectory: String
    /// Whether the model can be shown pictures.
    package var acceptsImages: Bool
    package var redact: Redactor
    /// Sixteen hexadecimal digits, new at each call.
    package var makeID: @Sendable () -> String
    /// Id of the call that runs; empty outside a conversation.
    package internal(set) var callID = ""
    package let jobs: JobTable
    let files = FileTracker()

    /// Collects the facts; jobs and file states start empty.
    package init(
        workingDirectory: String,
        environment: [String: String],
        temporaryDirectory: String = "/tmp",
        acceptsImages: Bool = false,
        redact: @escaping Redactor = { ($0, []) },
        makeID: @escaping @Sendable () -> String
    ) {
        self.workingDirectory = workingDirectory
        self.environment = environment
        self.temporaryDirectory = temporaryDirectory
        self.acceptsImages = acceptsImages
        self.redact = redact
        self.makeID = makeID
        jobs = JobTable()
    }
}
