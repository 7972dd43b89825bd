#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Questions to the person at the terminal.
///
/// Every question can also be answered by a flag or a file, which it names when there is nobody to ask.
package struct Prompt: Sendable {
    /// Whether a question can be shown: standard input and standard error are terminals and nobody asked for silence.
    package let isPossible: Bool
    private let style: Style

    /// Looks at the streams of this process; headless means never to ask, whatever they are.
    package init(isHeadless: Bool, environment: [String: String]) {
        isPossible = !isHeadless && isatty(0) == 1 && isatty(2) == 1
        style = Style(descriptor: 2, environment: environment)
    }

    /// Asks for a line of text; an empty answer takes the default, which is shown in brackets.
    ///
    /// The remedy is the flag or file that answers instead. `problem` gives a sentence when an answer will not do; it is shown
    /// and the question repeated.
    package func text(
        _ question: String,
        remedy: String,
        defaultAnswer: String? = nil,
        problem: (String) -> String? = { _ in nil }
    ) throws(PromptError) -> String {
        try checkPossible(question, remedy)
        while true {
            show("\(style.bold(question))\(defaultAnswer.map { " [\($0)]" } ?? ""): ")
            guard let line = readLine(strippingNewline: true) else { throw .interrupted }
            let answer = line.isEmpty ? defaultAnswer ?? "" : line
            guard let problem = problem(answer) else { return answer }
            show("  \(style.yellow(problem))\n")
        }
    }

    /// Asks for a secret; each character shows as `*`.
    ///
    /// - Throws: ``PromptError``.
    package func secret(_ question: String, remedy: String) throws(PromptError) -> String {
        try checkPossible(question, remedy)
        show("\(style.bold(question)): ")
        defer { show("\n") }
        return try readHidden()
    }

    /// Asks yes or no.
    ///
    /// - Throws: ``PromptError``.
    package func confirm(_ question: String, remedy: String, defaultAnswer: Bool) throws(PromptError) -> Bool {
        let answer = try text("\(question) \(defaultAnswer ? "[Y/n]" : "[y/N]")", remedy: remedy) {
            ["", "y", "yes", "n", "no"].contains($0.lowercased()) ? nil : "Please answer y or n."
        }
        return answer.isEmpty ? defaultAnswer : answer.lowercased().hasPrefix("y")
    }

    /// Asks to choose one of several by its number.
    ///
    /// - Returns: the index of the choice.
    /// - Throws: ``PromptError``.
    package func choose(
        _ question: String,
        among choices: [String],
        remedy: String,
        defaultIndex: Int = 0
    ) throws(PromptError) -> Int {
        try checkPossible(question, remedy)
        for (index, choice) in choices.enumerated() { show("  \(index + 1)) \(choice)\n") }
        let answer = try text(question, remedy: remedy, defaultAnswer: String(defaultIndex + 1)) {
            Int($0).map { (1...choices.count).contains($0) } == true ? nil : "A number from 1 to \(choices.count)."
        }
        return (Int(answer) ?? 1) - 1
    }

    private func checkPossible(_ question: String, _ remedy: String) throws(PromptError) {
        guard isPossible else { throw .notPossible(question: question, remedy: remedy) }
    }

    private func show(_ text: String) {
        _ = text.withCString { write(2, $0, strlen($0)) }
    }

    private func readHidden() throws(PromptError) -> String {
        var saved = termios()
        guard tcgetattr(0, &saved) == 0 else { throw .interrupted }
        var raw = saved
        raw.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG)
        tcsetattr(0, TCSAFLUSH, &raw)
        defer { tcsetattr(0, TCSAFLUSH, &saved) }
        var bytes: [UInt8] = []
        while true {
            var byte: UInt8 = 0
            guard read(0, &byte, 1) == 1 else { throw .interrupted }
            switch byte {
            case 3: throw .interrupted
            case 4 where bytes.isEmpty: throw .interrupted
            case 10, 13: return String(decoding: bytes, as: UTF8.self)
            case 8, 127:
                guard !bytes.isEmpty else { continue }
                bytes.removeLast()
                show("\u{8} \u{8}")
            case 0x20...:
                bytes.append(byte)
                show("*")
            default: continue
            }
        }
    }
}

/// Why a question got no answer.
package enum PromptError: Error, Hashable, Sendable {
    /// There is no terminal: exit code 2, naming what answers the question instead.
    case notPossible(question: String, remedy: String)
    /// Ctrl+C or end of input: exit code 130.
    case interrupted
}
