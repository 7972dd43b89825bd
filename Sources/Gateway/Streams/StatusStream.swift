import Domain
import Hummingbird
import Scheduler
import Synchronization

/// Server-sent events with the status, at most two a second, the last one always sent.
struct StatusStream {
    /// What woke the producer since it last looked.
    private final class Pending: Sendable {
        private let flags = Mutex<(changed: Bool, heartbeat: Bool)>((true, false))

        func change() { flags.withLock { $0.changed = true } }

        func beat() { flags.withLock { $0.heartbeat = true } }

        func take() -> (changed: Bool, heartbeat: Bool) {
            flags.withLock { flags in
                defer { flags = (false, false) }
                return flags
            }
        }
    }

    private let dependencies: GatewayDependencies
    private let events: StatusEvents

    init(snapshots: StatusSnapshots, dependencies: GatewayDependencies) {
        self.dependencies = dependencies
        events = StatusEvents { ServerEvent.data(try await snapshots.event().compactText) }
    }

    var all: [Route] {
        [
            Route(.get, "/dashboard/api/status-stream", plane: .operators) { call in
                call.events(status)
            }
        ]
    }

    /// Offers events until the client leaves or the gateway stops.
    private func status(_ backlog: EventBacklog) async throws {
        let pending = Pending()
        let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let changes = await dependencies.operators.statusChanges()
        let clock = dependencies.clock
        wake.yield()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await _ in changes {
                    pending.change()
                    wake.yield()
                }
            }
            group.addTask {
                // The sleep fails only when the stream ends.
                while (try? await clock.sleep(for: .seconds(LogStream.heartbeat))) != nil {
                    pending.beat()
                    wake.yield()
                }
            }
            defer { group.cancelAll() }
            for await _ in wakes {
                let due = pending.take()
                if due.changed { try backlog.offer(try await events.latest()) }
                if due.heartbeat { try backlog.offer(ServerEvent.heartbeat) }
                try await clock.sleep(for: .milliseconds(500))
            }
        }
    }
}
