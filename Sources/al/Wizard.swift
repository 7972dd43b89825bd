import Terminal

/// Questions in a row: Esc goes back to the one before, at the first it leaves.
enum Wizard {
    /// Runs the steps in order.
    ///
    /// - Parameter steps: each returns whether it asked something; going back passes over those that did not.
    /// - Throws: `PromptError.cancelled` at the first question, and what a step throws.
    static func run(_ steps: [() async throws -> Bool]) async throws {
        var asked: [Int] = []
        var index = 0
        while index < steps.count {
            do {
                if try await steps[index]() { asked.append(index) }
                index += 1
            } catch PromptError.cancelled {
                guard let previous = asked.popLast() else { throw PromptError.cancelled }
                index = previous
            }
        }
    }
}
