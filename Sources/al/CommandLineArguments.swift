import ArgumentParser
import Domain

/// A command line after what holds for every command was taken out: `--verbose`, `--color always`.
struct CommandLineArguments: Hashable, Sendable {
    /// For the argument parser.
    let arguments: [String]
    /// `--verbose`: causes are shown.
    let isVerbose: Bool
    /// `--color always`.
    let isAlwaysColoured: Bool

    /// Takes the arguments behind the program's name apart; behind `--` nothing is touched.
    init(_ all: [String], environment: [String: String] = [:]) {
        var rest: [String] = []
        var (isVerbose, isColoured) = (false, false)
        var index = 0
        while index < all.count {
            let argument = all[index]
            if argument == "--" { break }
            switch argument {
            case "--verbose": isVerbose = true
            case "--color=always": isColoured = true
            case "--color" where index + 1 < all.count && all[index + 1] == "always":
                isColoured = true
                index += 1
            default: rest.append(argument)
            }
            index += 1
        }
        arguments = rest + all[index...]
        self.isVerbose = isVerbose || environment["DEBUG"] != nil
        isAlwaysColoured = isColoured
    }

    /// `-V`, behind any command.
    var wantsVersion: Bool { options.contains("-V") || options.contains("--version") }

    /// Whether errors are documents too.
    var wantsJSON: Bool { options.contains("--json") }

    /// The arguments that may be options.
    private var options: ArraySlice<String> { arguments.prefix { $0 != "--" } }

    /// What the argument parser would not say well: a group without a command, and a command that does not exist.
    ///
    /// - Returns: help, or a sentence with the command that was probably meant; `nil` when a command was found.
    func misuse(of root: any ParsableCommand.Type) -> (text: String, isHelp: Bool)? {
        if options.contains(where: { $0 == "--color" || $0.hasPrefix("--color=") }) {
            return ("Error: --color has one value, always; without it there is colour on a terminal only.", false)
        }
        var command = root
        var path = [root.configuration.commandName ?? "al"]
        let isHelp = arguments.first == "help"
        for argument in arguments.dropFirst(isHelp ? 1 : 0) {
            let subcommands = command.configuration.subcommands
            // Options come first only where there is nothing but help to ask for.
            guard !subcommands.isEmpty, !argument.hasPrefix("-"), argument != "help" else { return nil }
            guard let next = subcommands.first(where: { Self.names(of: $0).contains(argument) }) else {
                return (Self.unknown(argument, subcommands, path), false)
            }
            command = next
            path.append(argument)
        }
        guard !isHelp, !command.configuration.subcommands.isEmpty else { return nil }
        return (root.helpMessage(for: command, columns: 80), true)
    }

    private static func unknown(_ word: String, _ commands: [any ParsableCommand.Type], _ path: [String]) -> String {
        let shown = commands.filter { $0.configuration.shouldDisplay }
        let nearest = Suggestion.nearest(to: word, among: shown.flatMap(names))
        let hint =
            nearest.map { " — did you mean \($0)?" }
            ?? ". Known: \(shown.map { names(of: $0)[0] }.joined(separator: ", "))"
        let place = path.joined(separator: " ")
        return
            "Error: Unknown command `\(word)`\(hint)\nUsage: \(place) <subcommand>\n  See '\(place) --help' for more information."
    }

    private static func names(of command: any ParsableCommand.Type) -> [String] {
        [command._commandName] + command.configuration.aliases
    }
}
