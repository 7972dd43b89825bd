import Domain
package import Foundation
import LanguageModels
import Synchronization

/// Runs the harness again over a recorded run and finds the first difference.
///
/// The model's replies come from the record; so do the answers of tools, unless they are really run. Nothing is asked of any
/// provider.
package struct Replay: Sendable {
    /// Where tool results come from.
    package enum Tools: Sendable {
        /// From the record.
        case recorded
        /// The tools run, here.
        case real(ToolContext)
    }

    private let run: RecordedRun
    private let tools: Tools
    private let now: @Sendable () -> Date

    /// Prepares a replay.
    ///
    /// - Parameters:
    ///   - run: what was recorded.
    ///   - tools: where their results come from.
    ///   - now: for the times of messages, which are not compared.
    package init(_ run: RecordedRun, tools: Tools, now: @escaping @Sendable () -> Date) {
        self.run = run
        self.tools = tools
        self.now = now
    }

    /// Runs to the first difference or the end.
    package func compare() async -> ReplayReport {
        let comparison = ReplayComparison(run)
        let end = await session(comparison).run()
        return comparison.report(outcome: end.outcome)
    }

    private func session(_ comparison: ReplayComparison) -> Session {
        let now = now
        let answers = RecordedAnswers(run)
        return Session(
            model: ReplayModel(run, answers),
            tools: registry(run.header["tools"]?.arrayValue ?? [], answers),
            newTools: { comparison.nextTools.map { registry($0, answers) } },
            context: context,
            system: run.system,
            prompt: run.prompt,
            limits: run.limits,
            clock: ImmediateClock(),
            now: now,
            random: { 0 },
            timeLeft: { .seconds(comparison.secondsInNextNote ?? 1_000_000) },
            timeLimit: .seconds(1_000_000),
            stopRequested: { comparison.isOver },
            onEvent: { if case .transcript(let line) = $0 { comparison.look(at: line) } }
        )
    }

    private var context: ToolContext {
        if case .real(let context) = tools { return context }
        return ToolContext(workingDirectory: "/", environment: [:], makeID: { "" })
    }

    /// The tools of the record in their order; those of servers answer from the record in any case.
    private func registry(_ tools: [JSONValue], _ answers: RecordedAnswers) -> ToolRegistry {
        ToolRegistry(
            tools.map { entry in
                let name = entry["name"]?.stringValue ?? ""
                let own = ToolRegistry.standard.tool(named: name)
                if case .real = self.tools, let own { return own }
                let schema = entry["schema"] ?? ["type": "object"]
                return RecordedTool(
                    definition: own?.definition ?? ToolDefinition(name: name, description: "", schema: schema),
                    answers: answers,
                    original: own
                )
            }
        )
    }
}

/// What a replay found.
package struct ReplayReport: Hashable, Sendable {
    /// Where record and replay part.
    package struct Difference: Hashable, Sendable {
        /// Number of the reply that was asked for or being worked on, from 1.
        package var turn: Int
        /// What differs, such as the result of a tool.
        package var what: String
        package var recorded: String
        package var replayed: String
    }

    /// Replies played.
    package var turns: Int
    /// Tool calls in them.
    package var calls: Int
    /// `nil`: record and replay are the same.
    package var difference: Difference?
}
