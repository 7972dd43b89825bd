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
    private static let own = [
        HelpCase.all(below: New.self, path: ["al", "new"]), HelpCase.all(below: Creds.self, path: ["al", "creds"]),
        HelpCase.all(below: Agent.self, path: ["al", "agent"]),
    ].flatMap(\.self)

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

    @Test("the help is the one in the repository; AL_UPDATE_GOLDEN=1 writes it anew", arguments: own)
    func golden(command: HelpCase) throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Fixtures/help/\(command.path.dropFirst().joined(separator: "-")).txt")
        let text = Self.help(command)
        if ProcessInfo.processInfo.environment["AL_UPDATE_GOLDEN"] != nil {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try Data(text.utf8).write(to: file)
        }
        #expect(try String(contentsOf: file, encoding: .utf8) == text)
        // A command alone has an example in its own words, a group one for its commands.
        #expect(text.components(separatedBy: "\n  al ").count >= 3, "two examples")
    }
}
