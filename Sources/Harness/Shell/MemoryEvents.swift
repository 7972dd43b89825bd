import Foundation
import Synchronization

/// The kernel's count of processes it killed for lack of memory.
final class MemoryEvents: Sendable {
    private let path: String
    private let last: Mutex<Int>

    init(path: String) {
        self.path = path
        last = Mutex(Self.count(path))
    }

    /// Whether the count rose since the last look.
    var hasRisen: Bool {
        let now = Self.count(path)
        return last.withLock { last in
            defer { last = now }
            return now > last
        }
    }

    private static func count(_ path: String) -> Int {
        guard let data = FileManager.default.contents(atPath: path) else { return 0 }
        for line in String(decoding: data, as: UTF8.self).split(separator: "\n") where line.hasPrefix("oom_kill ") {
            return Int(line.dropFirst("oom_kill ".count)) ?? 0
        }
        return 0
    }
}
