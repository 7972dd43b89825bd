import AgentCommands
import ArgumentParser
import Domain
import Foundation
import Harness
import LanguageModels

/// Where a replay takes tool results from.
enum ReplayTools: String, CaseIterable, ExpressibleByArgument {
    case recorded, real
}

/// The options of `al run` that run nothing new.
struct ReplayOptions: ParsableArguments {
    @Option(
        name: .customLong("replay"),
        help: ArgumentHelp("Instead of starting an agent, run the harness again over a recorded run.", valueName: "run")
    )
    var instance: String?

    @Option(
        name: .long,
        help: "With --replay: recorded tool results (default), or really run tools in a fresh directory."
    )
    var tools: ReplayTools?

    /// Replays the run named.
    func run(in context: ProjectContext, json: Bool) async throws {
        guard let instance else { return }
        try await RunReplay(instance: instance, tools: tools ?? .recorded, json: json, context: context).run()
    }
}

/// `al run --replay`: the harness again over a recorded run, without any provider.
struct RunReplay {
    let instance: String
    let tools: ReplayTools
    let json: Bool
    let context: ProjectContext

    /// Compares and reports; ends with code 1 at a difference.
    func run() async throws {
        let run = try await RecordedRuns(context).load(instance)
        let report = try await withTools(for: run.model) { tools in
            await Replay(run, tools: tools, now: { Date() }).compare()
        }
        if json {
            Console.output(json: report.json(instance))
        } else if let difference = report.difference {
            Console.output(text(difference))
        } else {
            Console.output("\(instance): identical, \(report.turns) turns, \(report.calls) calls.")
        }
        if report.difference != nil { throw Failure.silent(1) }
    }

    /// Real tools get a directory of their own, which is kept only as long as they run.
    private func withTools<Result>(
        for model: ModelInfo,
        _ body: (Replay.Tools) async throws -> Result
    ) async throws -> Result {
        guard tools == .real else { return try await body(.recorded) }
        let directory = NSTemporaryDirectory() + "al-replay-\(RandomText.hex(bytes: 4))"
        for path in ["work", "home", "tmp/signals", "bin"] {
            try FileManager.default.createDirectory(
                atPath: "\(directory)/\(path)",
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        }
        defer {
            // What a tool made unreadable stays; nothing depends on it.
            try? FileManager.default.removeItem(atPath: directory)
        }
        for name in AgentCommand.names {
            try FileManager.default.createSymbolicLink(
                atPath: "\(directory)/bin/\(name)",
                withDestinationPath: RuntimeRoot.executablePath
            )
        }
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        return try await body(
            .real(
                ToolContext(
                    workingDirectory: "\(directory)/work",
                    environment: [
                        "PATH": "\(directory)/bin:\(path)", "HOME": "\(directory)/home", "TERM": "dumb",
                        "AL_WORK_DIR": "\(directory)/work", "AL_SIGNAL_DIR": "\(directory)/tmp/signals",
                    ],
                    temporaryDirectory: "\(directory)/tmp",
                    acceptsImages: model.acceptsImages,
                    makeID: { RandomText.hex(bytes: 8) }
                )
            )
        )
    }

    private func text(_ difference: ReplayReport.Difference) -> String {
        """
        \(instance): differs in turn \(difference.turn): \(difference.what)
        recorded: \(difference.recorded)
        now:      \(difference.replayed)
        """
    }
}

extension ReplayReport {
    fileprivate func json(_ instance: String) -> JSONValue {
        .object([
            "instanceId": .string(instance), "identical": .bool(difference == nil), "turns": .int(turns),
            "calls": .int(calls),
            "difference": difference.map { difference -> JSONValue in
                [
                    "turn": .int(difference.turn), "what": .string(difference.what),
                    "recorded": .string(difference.recorded),
                    "now": .string(difference.replayed),
                ]
            },
        ])
    }
}
