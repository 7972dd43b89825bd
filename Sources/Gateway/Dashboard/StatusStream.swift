import Domain
import Hummingbird
import Scheduler
import ServiceLifecycle
import Synchronization

/// Server-sent events with the status, at most two a second, the last one always sent.
struct StatusStream {
    /// What woke the writer since it last looked.
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

    let snapshots: StatusSnapshots
    let dependencies: GatewayDependencies

    var all: [Route] {
        [Route(.get, "/dashboard/api/status-stream", plane: .operators) { _ in .events(status) }]
    }

    /// Writes events until the client leaves or the gateway stops.
    @concurrent
    private func status(_ writer: inout any ResponseBodyWriter) async throws {
        let pending = Pending()
        let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let changes = await dependencies.operators.statusChanges()
        let clock = dependencies.clock
        wake.yield()
        try await writer.write(ServerEvent.comment)
        // Feeds the writer beside it; the handle is cancelled when the writer ends, because the writer itself cannot
        // move into a child task.
        let feed = Task {
            await withDiscardingTaskGroup { group in
                group.addTask {
                    for await _ in changes {
                        pending.change()
                        wake.yield()
                    }
                }
                group.addTask {
                    // The sleep fails only when the stream ends.
                    while (try? await clock.sleep(for: .seconds(15))) != nil {
                        pending.beat()
                        wake.yield()
                    }
                }
            }
        }
        defer { feed.cancel() }
        for await _ in wakes.cancelOnGracefulShutdown() {
            let due = pending.take()
            if due.changed {
                try await writer.write(ServerEvent.data(try await snapshots.event().compactText))
            }
            if due.heartbeat { try await writer.write(ServerEvent.heartbeat) }
            try await clock.sleep(for: .milliseconds(500))
        }
    }
}
