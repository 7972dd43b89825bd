import FoundationEssentials
import Synchronization

/// Counts events per client in a sliding window.
final class RateLimiter: Sendable {
    private let limit: Int
    private let window: TimeInterval
    private let times = Mutex<[String: [Date]]>([:])
    /// Clients remembered at once; beyond that, those without recent events are forgotten.
    private let capacity = 10_000

    /// Allows `limit` events in `window` seconds.
    init(limit: Int, window: TimeInterval) {
        self.limit = limit
        self.window = window
    }

    /// Whether the client has used up its events.
    func isExhausted(_ client: String, at now: Date) -> Bool {
        times.withLock { times in recent(times[client], now).count >= limit }
    }

    /// Counts an event.
    ///
    /// - Returns: whether it was still allowed.
    func record(_ client: String, at now: Date) -> Bool {
        times.withLock { times in
            if times.count >= capacity {
                times = times.filter { !recent($0.value, now).isEmpty }
                if times.count >= capacity { times.removeAll() }
            }
            let known = recent(times[client], now)
            guard known.count < limit else { return false }
            times[client] = known + [now]
            return true
        }
    }

    private func recent(_ times: [Date]?, _ now: Date) -> [Date] {
        (times ?? []).filter { now.timeIntervalSince($0) < window }
    }
}
