import Domain
import OrderedCollections
import Synchronization

/// Writes lines of the transcript into the log, in parts that fit a log line.
final class TranscriptLog: Sendable {
    /// Bytes of one part as they stand in the line.
    static let partLimit = 48 << 10

    private let log: RunLog
    private let next = Mutex(0)

    init(log: RunLog) { self.log = log }

    /// Writes one line; its number is given here, from 0 without gaps.
    ///
    /// - Parameter line: the object without `seq`.
    func write(_ line: JSONValue) {
        // Numbering and writing are one step, so that lines appear in the order of their numbers.
        next.withLock { sequence in
            var numbered: JSONValue = ["seq": .int(sequence)]
            for (key, value) in line.objectValue ?? [:] where key != "seq" { numbered[key] = log.redacted(value) }
            let parts = Self.parts(of: numbered.compactText)
            for (index, part) in parts.enumerated() {
                log.line(
                    .debug,
                    "message",
                    [
                        "seq": .int(sequence), "part": .int(index + 1), "of": .int(parts.count),
                        "json": .string(part),
                    ]
                )
            }
            sequence += 1
        }
    }

    /// Cuts a text so that each part, written as a JSON string, stays below the limit.
    static func parts(of text: String) -> [String] {
        var parts: [String] = []
        var part = String.UnicodeScalarView()
        var size = 0
        for scalar in text.unicodeScalars {
            let cost = Self.cost(of: scalar)
            if size + cost > partLimit {
                parts.append(String(part))
                part = String.UnicodeScalarView()
                size = 0
            }
            part.append(scalar)
            size += cost
        }
        parts.append(String(part))
        return parts
    }

    private static func cost(of scalar: Unicode.Scalar) -> Int {
        switch scalar {
        case "\"", "\\": 2
        case let control where control.value < 0x20 || control.value == 0x7f: 6
        default: UTF8.width(scalar)
        }
    }
}
