/// An expression as a machine with states, of which any number may be active at once.
struct ExpressionProgram {
    /// What a state waits for.
    enum Step: Hashable {
        case scalars(ScalarSet)
        case assertion(Expression.Assertion)
        /// Goes on at both at once.
        case either(Int, Int)
        case match
    }

    /// An expression that needs more states is refused: each of them may have to be looked at for each character.
    static let mostSteps = 5000

    /// Each step goes on at the one that stands in ``next`` at its place.
    private(set) var steps: [Step] = [.match]
    private(set) var next: [Int] = [0]
    /// Where every match begins.
    private(set) var start = 0

    /// Builds the machine from its end.
    init(_ expression: Expression) throws(ExpressionError) {
        start = try add(expression, before: 0)
    }

    private mutating func add(_ expression: Expression, before end: Int) throws(ExpressionError) -> Int {
        switch expression {
        case .scalars(let set): return try append(.scalars(set), before: end)
        case .assertion(let assertion): return try append(.assertion(assertion), before: end)
        case .sequence(let items):
            var end = end
            for item in items.reversed() { end = try add(item, before: end) }
            return end
        case .alternatives(let branches):
            var entry = try add(branches[branches.count - 1], before: end)
            for branch in branches.dropLast().reversed() {
                entry = try append(.either(try add(branch, before: end), entry), before: end)
            }
            return entry
        case .repeated(let item, let least, let most):
            var entry = end
            if let most {
                for _ in least..<most { entry = try append(.either(try add(item, before: entry), end), before: end) }
            } else {
                // The loop's head is needed before the body that leads back to it.
                let head = try append(.either(end, end), before: end)
                steps[head] = .either(try add(item, before: head), end)
                entry = head
            }
            for _ in 0..<least {
                let before = steps.count
                entry = try add(item, before: entry)
                // What adds nothing now never will; there may be a thousand thousands of it.
                if steps.count == before { break }
            }
            return entry
        }
    }

    private mutating func append(_ step: Step, before end: Int) throws(ExpressionError) -> Int {
        guard steps.count < Self.mostSteps else {
            throw ExpressionError(position: 1, reason: "it is too large; repeat less")
        }
        steps.append(step)
        next.append(end)
        return steps.count - 1
    }
}
