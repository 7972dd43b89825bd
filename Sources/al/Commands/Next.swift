import ArgumentParser
import Domain
import Foundation
import Gateway
import Project
import Terminal

/// `al next`: when schedules fire next.
struct Next: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the next fires of each schedule.",
        discussion: "Example:\n  al next\n  al next dev -n 10"
    )

    @Argument(help: "Only this agent.")
    var agent: String?

    @Option(name: [.customShort("n"), .long], help: ArgumentHelp("Fires per agent.", valueName: "count"))
    var count = 5

    @Flag(name: .long, help: "One JSON document.")
    var json = false

    @OptionGroup var options: ProjectOptions

    func validate() throws {
        guard (1...200).contains(count) else { throw ValidationError("--count must be a number from 1 to 200.") }
    }

    func run() async throws {
        let context = try ProjectContext(options)
        if let agent { try context.requireAgent(agent) }
        let path = "/api/next?n=\(count)" + (agent.map { "&agent=\($0.percentEncoded)" } ?? "")
        let document = try await context.ask {
            try await $0.get(path)
        } offline: { _ in
            try await offline(context)
        }
        let fires = document["fires"]?.arrayValue ?? []
        let project = try context.load()
        let known = fires.compactMap { $0["agent"]?.stringValue } + project.agents.map(\.name.rawValue)
        let omission = project.omission(of: agent, besides: Set(known))
        if json { return try Failure.printDocument(document, without: omission) }
        if !fires.isEmpty || omission == nil { print(fires) }
        if let omission { throw omission }
    }

    /// Schedules are known without a scheduler; whether it was paused stands in the state file, if there is one.
    private func offline(_ context: ProjectContext) async throws -> JSONValue {
        let facts = try context.facts(flags: await context.storedFlags())
        if let warning = ProcessZone.current.warning { Console.error("Warning: \(warning)") }
        let name = try agent.map { try AgentName($0) }
        return HistoryDocuments.next(in: facts, of: name, count: count, now: Date())
    }

    private func print(_ fires: [JSONValue]) {
        if fires.isEmpty { return Console.output(agent.map { "\($0) has no schedule." } ?? "No agent has a schedule.") }
        for (index, entry) in fires.enumerated() {
            if index > 0 { Console.output("") }
            NextReport(entry: entry, now: Date()).lines.forEach(Console.output)
        }
    }
}

/// The text form of one agent's next fires.
struct NextReport {
    let entry: JSONValue
    let now: Date

    var lines: [String] {
        let zone = entry["zone"]?.stringValue ?? "GMT"
        let note = entry["note"]?.stringValue.map { "  [\($0)]" } ?? ""
        let heading = "\(entry["agent"]?.stringValue ?? "")  \(entry["expression"]?.stringValue ?? "") (\(zone))\(note)"
        let slots = entry["slots"]?.arrayValue ?? []
        let fires = entry["fireAt"]?.arrayValue ?? []
        return [heading]
            + zip(slots, fires).compactMap { line(slot: $0, fire: $1, zone: TimeZone(identifier: zone) ?? .gmt) }
    }

    private func line(slot: JSONValue, fire: JSONValue, zone: TimeZone) -> String? {
        guard let due = LocalTime.date(of: slot), let time = LocalTime.date(of: fire) else { return nil }
        let inZone = due.clockText(in: zone)
        let local = LocalTime.dateAndClock(due)
        let shift = Int(time.timeIntervalSince(due))
        return "  \(inZone)" + (local == inZone ? "" : "  (\(local) here)")
            + (shift > 0 ? "  +\(DurationText.of(seconds: shift)) jitter" : "")
            + "  in \(DurationText.of(seconds: Int(time.timeIntervalSince(now).rounded())))"
    }
}
