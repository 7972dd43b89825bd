import ArgumentParser
import Foundation
import Testing

@testable import al

/// A command with the words that lead to it.
struct HelpCase: Sendable, CustomTestStringConvertible {
    let path: [String]
    let command: any ParsableCommand.Type

    var testDescription: String { path.joined(separator: " ") }

    /// The command and everything below it.
    static func all(below command: any ParsableCommand.Type, path: [String]) -> [HelpCase] {
        var cases = [HelpCase(path: path, command: command)]
        for subcommand in command.configuration.subcommands where subcommand.configuration.shouldDisplay {
            cases += all(below: subcommand, path: path + [subcommand._commandName])
        }
        return cases
    }
}

@Suite struct HelpTests {
    private static let all = HelpCase.all(below: Al.self, path: ["al"])
    private static func help(_ command: HelpCase) -> String {
        Al.helpMessage(for: command.command, columns: 80) + "\n"
    }

    @Test("every command says in a line what it does and how it is used, in 80 columns", arguments: all)
    func form(command: HelpCase) {
        let text = Self.help(command)
        #expect(text.hasPrefix("OVERVIEW: "))
        #expect(text.contains("USAGE: \(command.testDescription)"))
        #expect(command.command.configuration.abstract.hasSuffix("."))
    }

    @Test("the help is the one in the repository; AL_UPDATE_GOLDEN=1 writes it anew", arguments: all)
    func golden(command: HelpCase) throws {
        let name = command.path.count == 1 ? "al" : command.path.dropFirst().joined(separator: "-")
        let text = Self.help(command)
        try expectGolden(text, "help/\(name).txt")
        let examples = text.split(separator: "\n").count { $0.hasPrefix("  al ") }
        // What only holds commands has theirs.
        #expect(examples >= (command.command.configuration.subcommands.isEmpty ? 2 : 1), "examples")
    }
}
