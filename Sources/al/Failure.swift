import CloudClients
import Credentials
import Domain
import Gateway
import LanguageModels
import Project
import Runtimes
import Scheduler
import Storage
import Terminal

/// What the process says on standard error before it ends, and its exit code.
struct Failure: Error, Hashable, Sendable {
    /// With the prefix of its class: `Error: …`, `Credential error: …`.
    let text: String
    let exitCode: Int32
    /// Stable, for scripts: `error.code` with `--json`.
    let code: String
    /// The file and the key concerned, where one is.
    var file: String?
    var key: String?

    /// A failure with its sentence.
    init(_ text: String, exitCode: Int32 = 1, code: String = "command.failed") {
        self.text = text
        self.exitCode = exitCode
        self.code = code
    }

    /// Ends the command with a code and without another word.
    static func silent(_ exitCode: Int32) -> Failure { Failure("", exitCode: exitCode) }

    /// Finds the sentence and the code for an error of any target; `nil` for the argument parser's own.
    init?(_ error: any Error) {
        switch error {
        case let failure as Failure: self = failure
        case let error as CredentialError:
            self.init("Credential error: \(error)", code: error.code.rawValue)
            file = error.path
        case let problem as Problem:
            self.init("Configuration error: \(problem)", code: problem.code.rawValue)
            (file, key) = (problem.file, problem.keyPath)
        case let error as ProjectError: self.init("Configuration error: \(error)", code: "project.\(error.code)")
        case let error as SSHError: self.init("Error: \(error)", code: "ssh.\(error.code.rawValue)")
        case let error as RuntimeError: self.init("Agent error: \(error.message)", code: "runtime.failed")
        case let error as ProjectLockError: self.init("Error: \(error)", code: "project.locked")
        case let error as GatewayError: self.init("Error: \(error)", code: "gateway.failed")
        case let error as ScriptError: self.init("Configuration error: \(error)", code: "script.invalid")
        case let error as StorageError: self.init("Error: \(error.message)", code: "storage.failed")
        case let error as GatewayClientError: self.init("Error: \(error)", code: "gateway.\(error.code.rawValue)")
        case let error as PromptError: self.init(error)
        case is CancellationError: self.init("", exitCode: 130, code: "interrupted")
        default: return nil
        }
    }

    private init(_ error: PromptError) {
        switch error {
        case .interrupted: self.init("", exitCode: 130, code: "interrupted")
        case .cancelled: self.init("Aborted.", code: "aborted")
        case .notPossible(let question, let remedy):
            self.init(
                "Error: \(question): there is no terminal to ask on. Answer with \(remedy).",
                exitCode: 2,
                code: "prompt.no-terminal"
            )
        }
    }

    /// The sentence without the prefix of its class.
    var message: String {
        let classes = ["Error: ", "Credential error: ", "Configuration error: ", "Agent error: "]
        guard let prefix = classes.first(where: text.hasPrefix) else { return text }
        return String(text.dropFirst(prefix.count))
    }

    /// `{"error":{"code","message","file"?,"key"?}}`, for commands that were asked for JSON.
    var json: JSONValue {
        let facts = JSONValue.object([
            "code": .string(code), "message": .string(message), "file": file.map(JSONValue.string),
            "key": key.map(JSONValue.string),
        ])
        return ["error": facts]
    }
}
