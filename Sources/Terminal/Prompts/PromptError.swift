/// Why a question got no answer.
package enum PromptError: Error, Hashable, Sendable {
    /// There is no terminal: exit code 2, naming what answers the question instead.
    case notPossible(question: String, remedy: String)
    /// Ctrl+C or end of input: exit code 130.
    case interrupted
    /// Esc: back to the step before, or leave.
    case cancelled
}
