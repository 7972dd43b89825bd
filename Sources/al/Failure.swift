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
    let text: String
    let exitCode: Int32

    /// A failure with its sentence.
    init(_ text: String, exitCode: Int32 = 1) {
        self.text = text
        self.exitCode = exitCode
    }

    /// Ends the command with a code and without another word.
    static func silent(_ exitCode: Int32) -> Failure { Failure("", exitCode: exitCode) }

    /// Finds the sentence and the code for an error of any target; `nil` for the argument parser's own.
    init?(_ error: any Error) {
        switch error {
        case let failure as Failure: self = failure
        case let error as CredentialError: self.init("Credential error: \(error)")
        case let error as ProjectError: self.init("Configuration error: \(error)")
        case let error as RuntimeError: self.init("Agent error: \(error.message)")
        case let error as ProjectLockError: self.init("Error: \(error)")
        case let error as GatewayError: self.init("Error: \(error)")
        case let error as ScriptError: self.init("Configuration error: \(error)")
        case let error as StorageError: self.init("Error: \(error.message)")
        case let error as GatewayClientError: self.init("Error: \(error)")
        case PromptError.interrupted: self.init("", exitCode: 130)
        case PromptError.notPossible(let question, let remedy):
            self.init(
                "Error: \(question): there is no terminal to ask on. Answer with \(remedy).",
                exitCode: 2
            )
        case is CancellationError: self.init("", exitCode: 130)
        default: return nil
        }
    }
}
