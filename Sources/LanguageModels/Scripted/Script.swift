package import Domain
import Foundation

/// A conversation from a file: the replies of the scripted model, and what it expects to hear.
package struct Script: Sendable {
    /// The file's name as it stands in messages.
    package var file: String
    package var contextWindow: Int?
    package var maxTokens: Int?
    package var price: ModelPrice?
    var summary: String?
    var conversations: [ScriptConversation]

    /// Reads and checks a script file of at most 1 MiB.
    ///
    /// - Parameter path: of the file; it stands in the messages as given.
    /// - Returns: the script, known to be playable.
    /// - Throws: ``ScriptError`` with all problems.
    package static func load(path: String) throws(ScriptError) -> Script {
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path))
        } catch {
            let isThere = FileManager.default.fileExists(atPath: path)
            throw unreadable(path, isThere ? "cannot be read; check its permissions" : "does not exist")
        }
        guard data.count <= 1 << 20 else { throw unreadable(path, "at most 1 MiB, found \(data.count) bytes") }
        guard let text = String(bytes: data, encoding: .utf8) else { throw unreadable(path, "a text in UTF-8") }
        return try Script(parsing: text, file: path)
    }

    /// Checks a script's text.
    ///
    /// - Parameters:
    ///   - text: YAML, one document.
    ///   - file: the name for messages.
    /// - Throws: ``ScriptError`` with all problems.
    package init(parsing text: String, file: String) throws(ScriptError) {
        var reader = ScriptReader(file: file)
        self = try reader.read(text)
    }

    /// Names of the tools it calls, each with the line of its first call.
    package var calledTools: [String: Int] {
        let calls = conversations.flatMap(\.turns).flatMap(\.calls)
        return Dictionary(calls.map { ($0.tool, $0.line) }, uniquingKeysWith: min)
    }

    init(file: String, conversations: [ScriptConversation]) {
        self.file = file
        self.conversations = conversations
    }

    private static func unreadable(_ path: String, _ expectation: String) -> ScriptError {
        ScriptError(
            code: .unreadable,
            problems: [ScriptProblem(file: path, line: nil, path: "", expectation: expectation)]
        )
    }
}

/// One course that the conversation can take.
struct ScriptConversation: Hashable, Sendable {
    var when = ScriptWhen()
    var turns: [ScriptTurn] = []
}

/// The runs a conversation is for.
///
/// `nil` and empty fit everything; texts may hold `*`.
struct ScriptWhen: Hashable, Sendable {
    var agent: [String]?
    var trigger: [String]?
    var caller: [String]?
    var context: [String: [String]] = [:]
    var prompt: [String]?
}

/// One reply.
struct ScriptTurn: Hashable, Sendable {
    var line: Int
    var name: String?
    var next: String?
    var condition: ScriptExpectation?
    var expectation: ScriptExpectation?
    var saves: [ScriptSave] = []
    var thinking: String?
    var text: String?
    var calls: [ScriptCall] = []
    var usage = ScriptUsage()
    var delay: Duration?
    var pace: Duration?
    var stop: StopReason?
    var failure: ScriptFailure?
}

/// A variable taken from the results.
struct ScriptSave: Hashable, Sendable {
    var line: Int
    var name: String
    var pattern: String
}

/// A tool call; a text instead of arguments is the tool's first required parameter.
struct ScriptCall: Hashable, Sendable {
    var line: Int
    var tool: String
    var arguments: JSONValue
}

/// Token counts of a turn; `nil` = estimated.
struct ScriptUsage: Hashable, Sendable {
    var input: Int?
    var output: Int?
    var cacheRead: Int?
    var cacheWrite: Int?
}

/// What has to come before a turn is played.
struct ScriptExpectation: Hashable, Sendable {
    var line: Int
    /// One check of everything, or one for each call (`nil` = none).
    var checks: [ScriptCheck?]
    var isPerCall: Bool
}

/// A check of a text.
struct ScriptCheck: Hashable, Sendable {
    var contains: [String] = []
    var lacks: [String] = []
    var matches: [String] = []
    var equals: [String] = []
    var isError: Bool?
}

/// A failure to play before a turn.
struct ScriptFailure: Hashable, Sendable {
    enum Kind: String, CaseIterable, Hashable, Sendable {
        case rateLimit, overloaded, quota, transient, overflow, auth, notFound, badRequest, filtered, cut, garbage, hang

        /// The status a provider would answer with.
        var status: Int? {
            switch self {
            case .rateLimit: 429
            case .overloaded: 529
            case .quota: 402
            case .transient: 500
            case .overflow, .badRequest: 400
            case .auth: 401
            case .notFound: 404
            case .filtered, .cut, .garbage, .hang: nil
            }
        }

        /// The failure comes in the middle of the reply.
        var isMidStream: Bool { self == .cut || self == .garbage || self == .hang }

        var code: ModelError.Code { ModelError.Code(rawValue: rawValue) ?? .transient }
    }

    var kind: Kind
    var status: Int?
    var message: String?
    var retryAfter: Duration?
    /// Characters of the reply before a failure in its middle; `nil` = half of it.
    var after: Int?
    /// How many requests fail; `nil` = all.
    var times: Int? = 1
}
