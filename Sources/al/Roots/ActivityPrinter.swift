import Domain
import Foundation
import Scheduler
import ServiceLifecycle

/// Prints what happens, one line per event, while the scheduler runs (`al start -H`).
struct ActivityPrinter: Service {
    let operators: any OperatorPlane
    let projectName: String?

    /// Prints until the scheduler ends.
    func run() async throws {
        var printed: [ActivityLine] = []
        var baseImageStep: String?
        for await _ in await operators.statusChanges().cancelOnGracefulShutdown() {
            let status = try await operators.status()
            if let step = status.baseImageStep, step != baseImageStep {
                Console.output(line("base image: \(step)", at: Date()))
            }
            baseImageStep = status.baseImageStep
            let activity = status.activity
            let fresh =
                printed.last.flatMap { last in activity.lastIndex(of: last).map { activity[($0 + 1)...] } }
                ?? activity[...]
            for line in fresh { Console.output(text(of: line)) }
            printed = activity
            // Many lines at once are printed together: each look costs the store a query.
            try? await Task.sleep(for: .milliseconds(100))
        }
        // The stream ends with the scheduler; what remains is the group's shutdown.
        try await gracefulShutdown()
    }

    private func text(of entry: ActivityLine) -> String { line("\(entry.agent): \(entry.message)", at: entry.time) }

    private func line(_ text: String, at time: Date) -> String {
        let time = time.ISO8601Format(.init(includingFractionalSeconds: true))
        return "[\(time)] \(projectName.map { "[\($0)] " } ?? "")\(text)"
    }
}
