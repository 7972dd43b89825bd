import ArgumentParser
import Domain
import Foundation
import Gateway

/// `al logs`: what an agent said and did.
struct Logs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show an agent's conversations, or the scheduler's log.",
        discussion: """
            Example:
              al logs dev --follow
              al logs dev --instance a1b2c3d4 --lines 200
              al logs scheduler --since 2h --level warn
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
        help: ArgumentHelp("Only this run: its id or its last eight digits.", valueName: "id"),
        transform: GivenText.notEmpty
    )
    var instance: String?

    @Option(name: .long, help: ArgumentHelp("Only what is not older, such as 2h or 7d.", valueName: "time"))
    var since: Since?

    @Option(
        name: .long,
        parsing: .unconditional,
        help: ArgumentHelp("Only entries in which this occurs.", valueName: "regex")
    )
    var grep: String?

    @Option(
        name: .long,
        help: ArgumentHelp("Lowest level: trace, debug, info, warn, error, fatal.", valueName: "level")
    )
    var level: String?

    @Flag(name: .long, help: "Entries as they are stored, one a line.")
    var json = false

    @OptionGroup var options: ProjectOptions

    func validate() throws {
        guard !name.isEmpty else { throw ValidationError("The name of the log is empty.") }
        guard lines >= 1 else { throw ValidationError("--lines must be a number of at least 1.") }
        if let date, !LogCursor.isDay(date) {
            throw ValidationError("--date must have the form YYYY-MM-DD and be a day of the calendar.")
        }
        if let instance, isProcess, InstanceID(instance) == nil {
            throw ValidationError(
                "Runs are in the logs of agents: name the agent of \(instance), or write its whole id."
            )
        }
        if let level, LogFilter.level(named: level) == nil {
            throw ValidationError("--level must be trace, debug, info, warn, error or fatal.")
        }
        if let grep, (try? GrepPattern(grep)) == nil {
            throw ValidationError("--grep must be a regular expression: \(grep) is none.")
        }
    }

    func run() async throws {
        let context = try ProjectContext(options)
        let query = query
        // Days are in the files of this machine, whether a scheduler runs or not. Lines that are no entries too, but an address of
        // this machine may lead to another.
        let isInFiles = try (date != nil || raw && context.hasSchedulerHere) && context.isLocal
        let source =
            isInFiles ? context.logFiles(keepingText: raw) : try await context.logSource(keepingText: raw)
        let printer = json ? LogPrinter.json() : raw ? LogPrinter.raw() : LogPrinter.conversation()
        let end = try await LogEnd(source: source, query: query).read(lines, where: printer.isVisible)
        if end.end == nil { try refuseUnknown(query.name, in: context) }
        if end.end == nil, !follow {
            if case .files = source { throw noFile(of: query.name, in: context.logDirectory) }
        }
        for entry in end.entries { printer.print(entry) }
        if end.entries.isEmpty, !follow { Console.error("No entries\(json ? "" : " of \(query.name)") fit.") }
        guard follow else { return }
        let follower = LogFollower(source: source, query: query, from: end.end ?? LogCursor(startOf: date))
        try await Interruption.ending { try await follow(follower, printer, context) }
    }

    /// Whether no agent is named.
    private var isProcess: Bool { name == "scheduler" || name == "gateway" }

    private var query: LogQuery {
        var query = LogQuery(name: name)
        if isProcess, let run = instance.flatMap(InstanceID.init) {
            query.name = run.agent.rawValue
            query.instance = run.rawValue
        } else {
            query.instance = instance.map { $0.hasPrefix(name + "-") ? $0 : "\(name)-\($0)" }
        }
        query.date = date
        query.since = since?.date(from: Date())
        query.level = level.flatMap { LogFilter.level(named: $0) }
        query.grep = grep
        return query
    }

    /// An agent that is gone may still have logs; a name without any is one only if an agent has it.
    private func refuseUnknown(_ name: String, in context: ProjectContext) throws {
        guard date == nil, name != "scheduler", name != "gateway" else { return }
        try context.requireAgent(name)
    }

    private func noFile(of name: String, in directory: String) -> Failure {
        Failure("Error: no log of \(name)\(date.map { " on \($0)" } ?? "") in \(directory).")
    }

    /// Prints what comes; a scheduler that goes away and comes back interrupts nothing but the reading.
    private func follow(_ start: LogFollower, _ printer: LogPrinter, _ context: ProjectContext) async throws {
        var follower = start
        var isAway = false
        while true {
            do {
                for entry in try await follower.next() { printer.print(entry) }
                isAway = false
            } catch let error as GatewayClientError where error.mayPass {
                let isLocal = try context.isLocal
                if isLocal { follower.readFiles(context.logFiles(keepingText: raw)) }
                if !isAway, !isLocal { Console.error("\(error) Waiting for it.") }
                isAway = true
            }
            try await ContinuousClock().sleep(for: .seconds(1))
        }
    }
}
