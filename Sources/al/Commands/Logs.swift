import ArgumentParser
import Domain
import Foundation

/// `al logs`: what an agent said and did.
struct Logs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show an agent's conversations, or the scheduler's log.",
        discussion: """
            Example:
              al logs dev --follow
              al logs dev --instance a1b2c3d4 --lines 200
            """
    )

    @Argument(help: "An agent, scheduler or gateway.")
    var name = "scheduler"

    @Option(name: [.customShort("n"), .long], help: ArgumentHelp("Entries to show.", valueName: "count"))
    var lines = 50

    @Flag(name: [.short, .long], help: "Keep printing what comes.")
    var follow = false

    @Option(name: [.short, .long], help: ArgumentHelp("The UTC day to read.", valueName: "YYYY-MM-DD"))
    var date: String?

    @Flag(name: [.short, .long], help: "One line per entry, with all fields.")
    var raw = false

    @Option(
        name: [.short, .long, .customLong("run")],
        help: ArgumentHelp("Only this run: its id or its last eight digits.", valueName: "id")
    )
    var instance: String?

    @Flag(name: .long, help: "Entries as they are stored, one a line.")
    var json = false

    @OptionGroup var options: ProjectOptions

    func validate() throws {
        guard lines >= 1 else { throw ValidationError("--lines must be a number of at least 1.") }
        if let date, !LogTail.isDate(date) { throw ValidationError("--date must have the form YYYY-MM-DD.") }
    }

    func run() async throws {
        let directory = try options.directory() + "/.al/logs"
        let printer = json ? LogPrinter.json() : raw ? LogPrinter.raw() : LogPrinter.conversation()
        var tail = LogTail(directory: directory, name: name)
        let dates = LogTail.dates(in: directory, name: name)
        guard follow || date.map(dates.contains) ?? !dates.isEmpty else {
            throw Failure("Error: no log of \(name)\(date.map { " on \($0)" } ?? "") in \(directory).")
        }
        for entry in try tail.readLast(lines, of: date, where: { isWanted($0) && printer.isVisible($0) }) {
            printer.print(entry)
        }
        while follow {
            for entry in try tail.readNew() where isWanted(entry) { printer.print(entry) }
            try await ContinuousClock().sleep(for: .milliseconds(500))
        }
    }

    private func isWanted(_ entry: JSONValue) -> Bool {
        guard let instance else { return true }
        guard let found = entry["instance"]?.stringValue else { return false }
        return found == instance || found == "\(name)-\(instance)"
    }
}
