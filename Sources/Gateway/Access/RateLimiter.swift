import FoundationEssentials
import Synchronization

/// Counts events per client in a sliding window.
final class RateLimiter: Sendable {
    /// The events of one client, oldest first; those before `start` are past.
    private struct Window {
        var times: [Date] = []
        var start = 0

        var count: Int { times.count - start }

        mutating func forget(before limit: Date) {
            while start < times.count, times[start] <= limit { start += 1 }
            // Moving what is left costs its length: now and then, not with each event.
            guard start > 32, start > times.count / 2 else { return }
            times.removeFirst(start)
            start = 0
        }
    }

    private let limit: Int
    private let window: TimeInterval
    private let windows = Mutex<[String: Window]>([:])
    /// Clients remembered at once; beyond that, those without recent events are forgotten.
    private let capacity = 10_000

    /// Allows `limit` events in `window` seconds.
    init(limit: Int, window: TimeInterval) {
        self.limit = limit
        self.window = window
    }

    /// Whether the client has used up its events.
    func isExhausted(_ client: String, at now: Date) -> Bool {
        windows.withLock { windows in
            windows[client]?.forget(before: now - window)
            return windows[client]?.count ?? 0 >= limit
        }
    }

    /// Counts an event.
    ///
    /// - Returns: whether it was still allowed.
    func record(_ client: String, at now: Date) -> Bool {
        windows.withLock { windows in
            if windows.count >= capacity, windows[client] == nil { makeRoom(in: &windows, at: now) }
            windows[client, default: Window()].forget(before: now - window)
            guard windows[client, default: Window()].count < limit else { return false }
            windows[client, default: Window()].times.append(now)
            return true
        }
    }

    private func makeRoom(in windows: inout [String: Window], at now: Date) {
        windows = windows.filter { $0.value.times.last.map { $0 > now - window } ?? false }
        if windows.count >= capacity { windows.removeAll() }
    }
}
