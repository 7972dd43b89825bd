extension PromptLoop {
    /// Asks for a line on a terminal that cannot move its cursor: keys are echoed, nothing is drawn twice.
    ///
    /// - Throws: ``PromptError`` (`interrupted`, `cancelled`).
    func runPlain(
        _ question: String,
        isSecret: Bool = false,
        defaultAnswer: String? = nil,
        problem: (String) -> String? = { _ in nil }
    ) throws(PromptError) -> String {
        let heading = question + (defaultAnswer.map { $0.isEmpty ? "" : " [\($0)]" } ?? "") + ": "
        device.write(heading)
        var text: [Character] = []
        var decoder = KeyDecoder()
        while true {
            switch nextKey(&decoder) {
            case .enter:
                device.write("\r\n")
                let answer = text.isEmpty ? defaultAnswer ?? "" : String(text)
                guard let problem = problem(answer) else { return answer }
                device.write("  \(problem)\r\n\(heading)")
                text = []
            case .interrupt, .endOfInput:
                device.write("\r\n")
                throw .interrupted
            case .escape:
                device.write("\r\n")
                throw .cancelled
            case .backspace:
                guard let last = text.popLast() else { continue }
                let cells = isSecret ? 1 : displayWidth(of: last)
                device.write(String(repeating: "\u{8} \u{8}", count: cells))
            case .character(let character):
                text.append(character)
                device.write(isSecret ? "*" : String(character))
            default: continue
            }
        }
    }
}
