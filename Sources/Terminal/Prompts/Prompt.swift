#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Questions to the person at the terminal.
///
/// Every question can also be answered by a flag or a file, its remedy, which it names when there is nobody to ask.
/// While a question stands the terminal is in raw mode; it is restored on every way out.
package struct Prompt: Sendable {
    /// Whether a question can be shown: standard input and standard error are terminals and nobody asked for silence.
    package let isPossible: Bool
    private let loop: PromptLoop

    /// Looks at the streams of this process; headless means never to ask, whatever they are.
    package init(isHeadless: Bool, environment: [String: String]) {
        isPossible = !isHeadless && isatty(0) == 1 && isatty(2) == 1
        loop = PromptLoop(
            device: .terminal(environment: environment),
            style: Style(descriptor: 2, environment: environment)
        )
    }

    /// Asks for a line of text; an empty answer takes the default, which is shown in brackets.
    ///
    /// `problem` gives a sentence when an answer will not do; it is shown and the question stays.
    ///
    /// - Throws: ``PromptError``.
    package func text(
        _ question: String,
        remedy: String,
        defaultAnswer: String? = nil,
        problem: @escaping @Sendable (String) -> String? = { _ in nil }
    ) throws(PromptError) -> String {
        try line(question, remedy, isSecret: false, defaultAnswer: defaultAnswer, problem: problem)
    }

    /// Asks for a secret; each character shows as `*`.
    ///
    /// - Throws: ``PromptError``.
    package func secret(
        _ question: String,
        remedy: String,
        problem: @escaping @Sendable (String) -> String? = { _ in nil }
    ) throws(PromptError) -> String {
        try line(question, remedy, isSecret: true, defaultAnswer: nil, problem: problem)
    }

    /// Asks yes or no.
    ///
    /// - Throws: ``PromptError``.
    package func confirm(_ question: String, remedy: String, defaultAnswer: Bool) throws(PromptError) -> Bool {
        try ask(ConfirmPrompt(question, defaultAnswer: defaultAnswer), remedy) { () throws(PromptError) in
            let known = ["y": true, "yes": true, "n": false, "no": false]
            let answer = try loop.runPlain("\(question) \(defaultAnswer ? "[Y/n]" : "[y/N]")") {
                $0.isEmpty || known[$0.lowercased()] != nil ? nil : "Please answer y or n."
            }
            return known[answer.lowercased()] ?? defaultAnswer
        }
    }

    /// Asks to choose one of several; a search list narrows by typing.
    ///
    /// - Returns: the index of the choice.
    /// - Throws: ``PromptError``.
    package func choose(
        _ question: String,
        among choices: [String],
        remedy: String,
        defaultIndex: Int = 0,
        isSearch: Bool = false
    ) throws(PromptError) -> Int {
        let prompt = ListPrompt(question, choices, defaultIndex: defaultIndex, isSearch: isSearch)
        return try ask(prompt, remedy) { () throws(PromptError) in
            number(choices)
            let answer = try loop.runPlain(question, defaultAnswer: String(defaultIndex + 1)) {
                Self.index($0, choices) == nil ? "A number from 1 to \(choices.count)." : nil
            }
            return Self.index(answer, choices) ?? defaultIndex
        }
    }

    /// Asks to choose any number of several.
    ///
    /// - Returns: the indices of the choices, in order.
    /// - Throws: ``PromptError``.
    package func chooseMany(
        _ question: String,
        among choices: [String],
        remedy: String,
        chosen: Set<Int> = []
    ) throws(PromptError) -> [Int] {
        try ask(MultipleChoicePrompt(question, choices, chosen: chosen), remedy) { () throws(PromptError) in
            number(choices)
            let current = chosen.sorted().map { String($0 + 1) }.joined(separator: " ")
            let answer = try loop.runPlain("\(question) (numbers, - = none)", defaultAnswer: current) {
                Self.indices($0, choices) == nil ? "Numbers from 1 to \(choices.count), with blanks between." : nil
            }
            return Self.indices(answer, choices) ?? []
        }
    }

    /// Asks for a message of one or more lines, with what was typed before at hand.
    ///
    /// Once a signal has asked the process to end, it ends as if the terminal were gone.
    ///
    /// - Parameters:
    ///   - history: what the arrows bring back.
    ///   - hint: shown while nothing is typed.
    ///   - keys: which ones send and begin a new line.
    /// - Returns: what was typed; not only blanks.
    /// - Throws: ``PromptError``.
    package func message(
        history: InputHistory,
        hint: String,
        keys: MessageKeys = MessageKeys()
    ) throws(PromptError) -> String {
        let impossible = PromptError.notPossible(question: "Message", remedy: "a terminal")
        guard isPossible else { throw impossible }
        let prompt = MessagePrompt(history: history, hint: hint, keys: keys)
        let answer = try TakenTerminal.with(.conversation) { () throws(PromptError) -> String in
            loop.device.hasCursor ? try loop.run(prompt) : try loop.runPlain("Message")
        }
        guard let answer else { throw impossible }
        return answer
    }

    private func line(
        _ question: String,
        _ remedy: String,
        isSecret: Bool,
        defaultAnswer: String?,
        problem: @escaping @Sendable (String) -> String?
    ) throws(PromptError) -> String {
        let prompt = LinePrompt(question, isSecret: isSecret, defaultAnswer: defaultAnswer, problem: problem)
        return try ask(prompt, remedy) { () throws(PromptError) in
            try loop.runPlain(question, isSecret: isSecret, defaultAnswer: defaultAnswer, problem: problem)
        }
    }

    /// Asks with a moving cursor where the terminal has one, else plainly.
    private func ask<State: PromptState>(
        _ prompt: State,
        _ remedy: String,
        plain: () throws(PromptError) -> State.Answer
    ) throws(PromptError) -> State.Answer {
        let impossible = PromptError.notPossible(question: prompt.question, remedy: remedy)
        guard isPossible else { throw impossible }
        let answer = try TakenTerminal.with(.question) { () throws(PromptError) -> State.Answer in
            loop.device.hasCursor ? try loop.run(prompt) : try plain()
        }
        guard let answer else { throw impossible }
        return answer
    }

    private func number(_ choices: [String]) {
        for (index, choice) in choices.enumerated() { loop.device.write("  \(index + 1)) \(choice)\r\n") }
    }

    private static func index(_ answer: String, _ choices: [String]) -> Int? {
        Int(answer).flatMap { (1...choices.count).contains($0) ? $0 - 1 : nil }
    }

    private static func indices(_ answer: String, _ choices: [String]) -> [Int]? {
        guard answer != "-" else { return [] }
        let found = answer.split { $0 == " " || $0 == "," }.map { index(String($0), choices) }
        return found.contains(nil) ? nil : Set(found.compactMap(\.self)).sorted()
    }
}
