import Foundation

/// How long the provider asked to wait, from headers and the message.
///
/// - Parameters:
///   - headers: names in lower case.
///   - body: the error's text.
///   - now: for the date form of `retry-after`.
/// - Returns: the wait, `nil` when none was named.
func retryDelay(headers: [String: String], body: String, now: Date) -> Duration? {
    if let text = headers["retry-after-ms"], let milliseconds = Double(text.trimmed), milliseconds >= 0 {
        return .milliseconds(Int(clamping: milliseconds))
    }
    if let text = headers["retry-after"]?.trimmed {
        if let seconds = Double(text), seconds >= 0 { return .milliseconds(Int(clamping: seconds * 1000)) }
        if let date = parseHTTPDate(text) {
            return .seconds(max(0, Int(date.timeIntervalSince(now).rounded(.up))))
        }
    }
    return delayInText(body)
}

/// Google's `"retryDelay": "46s"` and the phrase "try again in 1.5s" of others.
private func delayInText(_ text: String) -> Duration? {
    let patterns = [
        /"retryDelay"\s*:\s*"([0-9]+(?:\.[0-9]+)?)(s)"/,
        /[Tt]ry again in ([0-9]+(?:\.[0-9]+)?) ?(ms|s)/,
    ]
    for pattern in patterns {
        guard let match = text.firstMatch(of: pattern), let number = Double(match.1) else { continue }
        return .milliseconds(Int(clamping: match.2 == "ms" ? number : number * 1000))
    }
    return nil
}

/// The preferred form of RFC 9110: `Sun, 06 Nov 1994 08:49:37 GMT`.
private func parseHTTPDate(_ text: String) -> Date? {
    let parts = text.split(whereSeparator: { $0 == " " || $0 == ":" || $0 == "," }).map(String.init)
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    guard parts.count == 8, parts[7] == "GMT", let day = Int(parts[1]), let month = months.firstIndex(of: parts[2]),
        let year = Int(parts[3]), let hour = Int(parts[4]), let minute = Int(parts[5]), let second = Int(parts[6]),
        let zone = TimeZone(secondsFromGMT: 0)
    else { return nil }
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = zone
    return calendar.date(
        from: DateComponents(year: year, month: month + 1, day: day, hour: hour, minute: minute, second: second)
    )
}

extension String {
    /// The text without blanks at its ends.
    var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }

    /// At most so many bytes, cut between characters.
    func prefix(bytes limit: Int) -> String {
        guard utf8.count > limit else { return self }
        var result = ""
        var count = 0
        for character in self {
            count += character.utf8.count
            guard count <= limit else { break }
            result.append(character)
        }
        return result
    }
}

extension Int {
    /// The nearest whole number that fits.
    fileprivate init(clamping value: Double) {
        self = value.isNaN ? 0 : Int(Swift.min(Swift.max(value, 0), 1e15).rounded())
    }
}
