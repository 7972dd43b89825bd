/// One of the seven fields of a cron expression.
enum CronField: CaseIterable, Hashable, Sendable {
    case second, minute, hour, dayOfMonth, month, dayOfWeek, year

    var name: String {
        switch self {
        case .second: "second"
        case .minute: "minute"
        case .hour: "hour"
        case .dayOfMonth: "day of month"
        case .month: "month"
        case .dayOfWeek: "day of week"
        case .year: "year"
        }
    }

    /// The numbers that may be written.
    var range: ClosedRange<Int> {
        switch self {
        case .second, .minute: 0...59
        case .hour: 0...23
        case .dayOfMonth: 1...31
        case .month: 1...12
        case .dayOfWeek: 0...7
        case .year: 1...9999
        }
    }

    /// The numbers that `*` stands for: Sunday, which has two numbers, counts once.
    var all: ClosedRange<Int> { self == .dayOfWeek ? 0...6 : range }

    /// Three-letter names in the order of their numbers, upper case.
    private var names: [String] {
        switch self {
        case .month: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
        case .dayOfWeek: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
        default: []
        }
    }

    /// A number or name of this field; `nil` when it is neither or out of range.
    func value(of text: Substring) -> Int? {
        if let index = names.firstIndex(of: String(text)) { return index + range.lowerBound }
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text),
            range.contains(number)
        else { return nil }
        return number
    }

    /// What a single value looks like, for error texts.
    var expectedValue: String {
        let numbers = "\(range.lowerBound)–\(range.upperBound)"
        guard let first = names.first, let last = names.last else { return "a number \(numbers)" }
        return "a number \(numbers) or a name \(first)…\(last)"
    }

    func error(_ text: some StringProtocol, _ expected: String) -> CronError {
        CronError(field: name, text: String(text), expected: expected)
    }
}

/// An item of a field without its modifiers: the values it names.
struct CronItem: Hashable, Sendable {
    var range: ClosedRange<Int>
    var step: Int
    /// A single value, neither `*` nor a range.
    var isSingle: Bool
    var isWildcard: Bool

    var values: StrideThrough<Int> { stride(from: range.lowerBound, through: range.upperBound, by: step) }

    /// Reads `*`, `*/n`, `a`, `a-b` or `a-b/n`.
    init(_ text: Substring, in field: CronField) throws(CronError) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let base = parts.first, parts.count <= 2, !base.isEmpty else { throw Self.malformed(text, in: field) }
        let ends = base.split(separator: "-", omittingEmptySubsequences: false)
        isWildcard = base == "*"
        isSingle = !isWildcard && ends.count == 1
        if isWildcard {
            range = field.all
        } else {
            range = try Self.range(ends, of: base, in: field)
        }
        guard parts.count == 2 else {
            step = 1
            return
        }
        guard !isSingle else { throw field.error(text, "a step only after \"*\" or a range") }
        let most = field.all.count
        guard parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(parts[1]),
            (1...most).contains(number)
        else { throw field.error(text, "a step of 1–\(most)") }
        step = number
    }

    private static func range(
        _ ends: [Substring],
        of text: Substring,
        in field: CronField
    ) throws(CronError) -> ClosedRange<Int> {
        guard ends.count <= 2, let first = ends.first, let last = ends.last, let low = field.value(of: first),
            var high = field.value(of: last)
        else { throw malformed(text, in: field) }
        // Sunday ends a week as well as it begins one.
        if field == .dayOfWeek, last == "SUN", high < low { high = 7 }
        guard low <= high else { throw field.error(text, "a range whose first value is not above its last") }
        return low...high
    }

    private static func malformed(_ text: Substring, in field: CronField) -> CronError {
        field.error(text, "\(field.expectedValue), a range \"a-b\", or \"*\"")
    }
}
