import Domain

/// A line that was typed into a chat: a message, or an order to the program.
enum ChatInput: Hashable, Sendable {
    case message(String)
    case help
    case clear
    case exit
    /// Without a name: say which.
    case model(String?)
    /// What stands behind `/run`.
    case run(String)
    /// A line with `/` that is no order.
    case unknown(String)

    /// The orders: word and what it does.
    static let orders: [(usage: String, what: String)] = [
        ("/help", "this list"),
        ("/model [name]", "say which model answers, or go on with another one: provider/model, or a name of [models]"),
        ("/clear", "forget the conversation"),
        ("/run [agent] [task]", "start the agent, as al run does"),
        ("/exit", "leave; Ctrl+D too"),
    ]

    /// Reads a line.
    ///
    /// Paths such as `/etc/hosts` and lines with more than one `/` in their first word are messages.
    init(_ line: String) {
        let text = line.withoutOuterSpace
        let word = text.prefix { !$0.isWhitespace }
        let rest = String(text.dropFirst(word.count)).withoutOuterSpace
        guard word.first == "/", !word.dropFirst().contains("/"), word.count > 1 else {
            self = .message(line)
            return
        }
        switch word {
        case "/help", "/?": self = .help
        case "/clear", "/new": self = .clear
        case "/exit", "/quit": self = .exit
        case "/model": self = .model(rest.isEmpty ? nil : rest)
        case "/run": self = .run(rest)
        default: self = .unknown(String(word))
        }
    }
}
