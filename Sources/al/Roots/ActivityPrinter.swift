import Foundation
import Scheduler
import ServiceLifecycle

/// Prints what happens, one line per change, while the scheduler runs (`al start -H`).
struct ActivityPrinter: Service {
    let operators: any OperatorPlane
    let facts: PlainLog.Facts
    let serving: ServingPort

    /// Prints until the scheduler ends.
    func run() async throws {
        guard let port = await serving.value() else { return }
        var facts = facts
        facts.port = port
        var log = PlainLog(facts)
        let changes = await operators.statusChanges()
        await printChanges(&log)
        for await _ in changes.cancelOnGracefulShutdown() {
            await printChanges(&log)
            // Many lines at once are printed together: each look costs the store a query.
            try? await Task.sleep(for: .milliseconds(100))
        }
        // The stream ends with the scheduler; what remains is the group's shutdown.
        try await gracefulShutdown()
        if let status = await status { Console.output(log.lastLine(for: status, at: Date())) }
    }

    private func printChanges(_ log: inout PlainLog) async {
        guard let status = await status else { return }
        for line in log.lines(for: status, at: Date()) { Console.output(line) }
    }

    /// One that cannot be read is no reason to end before the scheduler does: the next look shows what this one missed.
    private var status: SchedulerStatus? { get async { try? await operators.status() } }
}
