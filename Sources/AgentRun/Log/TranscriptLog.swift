import Domain

/// Writes lines of the transcript into the log, in parts that fit a log line.
struct TranscriptLog: Sendable {
    /// Bytes of one part as they stand in the line.
    static let partLimit = 48 << 10

    let log: RunLog

    /// Writes one line; `seq` is its number.
    func write(_ line: JSONValue) {
        let parts = Self.parts(of: log.redacted(line).compactText)
        for (index, part) in parts.enumerated() {
            log.line(
                .debug,
                "message",
                ["seq": line["seq"], "part": .int(index + 1), "of": .int(parts.count), "json": .string(part)]
            )
        }
    }

    /// Cuts a text so that each part, written as a JSON string, stays below the limit.
    static func parts(of text: String) -> [String] {
        // Even if every byte needed the longest escape.
        guard text.utf8.count > partLimit / 6 else { return [text] }
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
