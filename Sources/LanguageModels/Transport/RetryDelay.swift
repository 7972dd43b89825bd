import Domain
import Foundation

/// How long the provider asked to wait, from headers and the message.
///
/// - Parameters:
///   - headers: names in lower case.
///   - body: the error's text.
///   - now: for the date form of `retry-after`.
/// - Returns: the wait, `nil` when none was named.
func retryDelay(headers: [String: String], body: String, now: Date) -> Duration? {
    if let text = headers["retry-after-ms"], let milliseconds = Double(text.withoutOuterSpace), milliseconds >= 0 {
        return .milliseconds(Int(clamping: milliseconds))
    }
    if let text = headers["retry-after"]?.withoutOuterSpace {
        if let seconds = Double(text), seconds >= 0 { return .milliseconds(Int(clamping: seconds * 1000)) }
        if let date = parseHTTPDate(text) {
            return .seconds(max(0, Int(date.timeIntervalSince(now).rounded(.up))))
        }
    }
    return delayInText(body)
}

/// Google's `"retryDelay": "46s"` and the phrase "try again in 1m2.5s" of others.
private func delayInText(_ text: String) -> Duration? {
    let patterns = [
        /"retryDelay"\s*:\s*"((?:[0-9.]+(?:ms|h|m|s))+)"/,
        /[Tt]ry again in ((?:[0-9.]+ ?(?:ms|hours?|minutes?|seconds?|h|m|s)[ ,]*)+)/,
    ]
    return patterns.lazy.compactMap { text.firstMatch(of: $0) }.first.flatMap { duration(String($0.1)) }
}

/// The sum of parts such as `1h`, `2m`, `3.5s`, `250ms`, `20 seconds`.
private func duration(_ text: String) -> Duration? {
    var milliseconds = 0.0
    for part in text.matches(of: /([0-9]+(?:\.[0-9]+)?) ?([a-z]+)/) {
        guard let number = Double(part.1) else { return nil }
        switch part.2 {
        case "ms": milliseconds += number
        case "h", "hour", "hours": milliseconds += number * 3_600_000
        case "m", "minute", "minutes": milliseconds += number * 60_000
        default: milliseconds += number * 1000
        }
    }
    return .milliseconds(Int(clamping: milliseconds))
}

/// The three forms of RFC 9110: `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT`,
/// `Sun Nov  6 08:49:37 1994`.
private func parseHTTPDate(_ text: String) -> Date? {
    let parts = text.split(whereSeparator: { " :,-".contains($0) }).map(String.init)
    let isAsctime = parts.count == 7
    guard isAsctime || (parts.count == 8 && parts[7] == "GMT") else { return nil }
    let order = isAsctime ? [2, 1, 6, 3, 4, 5] : [1, 2, 3, 4, 5, 6]
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let numbers = [0, 2, 3, 4, 5].compactMap { Int(parts[order[$0]]) }
    guard numbers.count == 5, let month = months.firstIndex(of: parts[order[1]]),
        let zone = TimeZone(secondsFromGMT: 0)
    else { return nil }
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = zone
    // Two digits are a year of this century, unless it were too far ahead.
    let year = numbers[1] < 70 ? numbers[1] + 2000 : numbers[1] < 100 ? numbers[1] + 1900 : numbers[1]
    return calendar.date(
        from: DateComponents(
            year: year,
            month: month + 1,
            day: numbers[0],
            hour: numbers[2],
            minute: numbers[3],
            second: numbers[4]
        )
    )
}

extension Int {
    /// The nearest whole number that fits.
    fileprivate init(clamping value: Double) {
        self = value.isNaN ? 0 : Int(Swift.min(Swift.max(value, 0), 1e15).rounded())
    }
}
