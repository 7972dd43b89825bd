import AgentRun
import Foundation
import UnixSignals

/// Puts a run together: `al _run-agent` inside a container, a sandbox or a plain process.
enum RunRoot {
    /// Is the run.
    ///
    /// - Returns: the exit code of the process.
    static func run() async -> Int32 {
        let (signals, continuation) = AsyncStream.makeStream(of: Int32.self)
        let traps = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        var system = RunSystem(
            clock: ContinuousClock(),
            now: { Date() },
            random: { UInt64.random(in: .min ... .max) },
            output: Console.outputExactly,
            signals: signals,
            exit: { exit($0) }
        )
        system.version = Version.current
        let configured = system
        return await withTaskGroup(of: Int32?.self) { group in
            group.addTask {
                for await signal in traps { continuation.yield(signal.rawValue) }
                return nil
            }
            group.addTask {
                await AgentRun.main(
                    environment: ProcessInfo.processInfo.environment,
                    system: configured
                )
            }
            defer { group.cancelAll() }
            while let code = await group.next() {
                if let code { return code }
            }
            return 1
        }
    }
}
