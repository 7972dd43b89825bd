/// Reads cron expressions.
struct CronParser {
    private let text: String

    init(_ expression: String) {
        let blanks = expression.split { $0 == " " || $0 == "\t" || $0 == "\n" || $0 == "\r\n" || $0 == "\r" }
        text = blanks.joined(separator: " ").uppercased()
    }

    /// Whether the text must be read as a date-time: a colon stands anywhere after the first character.
    var looksLikeDateTime: Bool { text.dropFirst().contains(":") }

    func parsePattern() throws(CronError) -> CronPattern {
        let fields = try splitFields()
        var pattern = CronPattern()
        if let second = fields[.second] { pattern.seconds = try numbers(second, of: .second) }
        if let minute = fields[.minute] { pattern.minutes = try numbers(minute, of: .minute) }
        if let hour = fields[.hour] {
            pattern.hours = try numbers(hour, of: .hour)
            pattern.firesInBothPasses = hour == "*" || (hour.hasPrefix("*/") && !hour.contains(","))
        }
        if let day = fields[.dayOfMonth] { pattern.days = try daysOfMonth(day) }
        if let month = fields[.month] { pattern.months = try numbers(month, of: .month) }
        if let weekday = fields[.dayOfWeek] { pattern.weekdays = try daysOfWeek(weekday) }
        if let year = fields[.year], year != "*" { pattern.years = try years(year) }
        return pattern
    }

    private func splitFields() throws(CronError) -> [CronField: Substring] {
        var source = text
        if text.hasPrefix("@") {
            guard let pattern = Self.aliases[text] else {
                throw CronError(field: "expression", text: text, expected: "one of @yearly … @hourly")
            }
            source = pattern
        }
        // `?` means `*` wherever it stands.
        let parts = source.replacing("?", with: "*").split(separator: " ")
        guard (5...7).contains(parts.count) else {
            throw CronError(
                field: "expression",
                text: text,
                expected: "5 fields (minute hour day month weekday), 6 (second first) or 7 (year last)"
            )
        }
        let order = parts.count == 5 ? CronField.allCases.dropFirst() : CronField.allCases[...]
        return Dictionary(uniqueKeysWithValues: zip(order, parts))
    }

    private static let aliases = [
        "@YEARLY": "0 0 1 1 *", "@ANNUALLY": "0 0 1 1 *", "@MONTHLY": "0 0 1 * *", "@WEEKLY": "0 0 * * 0",
        "@DAILY": "0 0 * * *", "@MIDNIGHT": "0 0 * * *", "@HOURLY": "0 * * * *",
    ]

    private func items(_ text: Substring, of field: CronField) throws(CronError) -> [Substring] {
        let items = text.split(separator: ",", omittingEmptySubsequences: false)
        guard !items.contains(where: \.isEmpty) else { throw field.error(text, "a value between the commas") }
        return items
    }

    private func numbers(_ text: Substring, of field: CronField) throws(CronError) -> BitSet64 {
        var result = BitSet64()
        for item in try items(text, of: field) {
            for value in try CronItem(item, in: field).values { result.insert(value) }
        }
        return result
    }

    private func years(_ text: Substring) throws(CronError) -> [CronPattern.YearRange] {
        var result: [CronPattern.YearRange] = []
        for text in try items(text, of: .year) {
            let item = try CronItem(text, in: .year)
            result.append(.init(range: item.range, step: item.step))
        }
        return result
    }

    private func daysOfMonth(_ text: Substring) throws(CronError) -> CronPattern.DaysOfMonth {
        var result = CronPattern.DaysOfMonth()
        result.isRestricted = text != "*"
        for item in try items(text, of: .dayOfMonth) {
            if item == "L" {
                result.last = true
            } else if item == "LW" {
                result.lastWeekday = true
            } else if item.hasSuffix("W") {
                guard let day = CronField.dayOfMonth.value(of: item.dropLast()) else {
                    throw CronField.dayOfMonth.error(item, "one day before \"W\", such as \"15W\"")
                }
                result.nearestWeekday.insert(day)
            } else {
                for value in try CronItem(item, in: .dayOfMonth).values { result.plain.insert(value) }
            }
        }
        return result
    }

    private func daysOfWeek(_ text: Substring) throws(CronError) -> CronPattern.DaysOfWeek {
        var result = CronPattern.DaysOfWeek()
        result.isAnd = text.hasPrefix("+")
        let text = result.isAnd ? text.dropFirst() : text
        guard !text.isEmpty else { throw CronField.dayOfWeek.error("+", "days after \"+\"") }
        result.isRestricted = text != "*"
        for item in try items(text, of: .dayOfWeek) {
            let (days, occurrence) = try splitOccurrence(item)
            let parsed = try CronItem(days, in: .dayOfWeek)
            guard let occurrence else {
                for value in parsed.values { result.plain.insert(value % 7) }
                continue
            }
            guard !parsed.isWildcard else {
                throw CronField.dayOfWeek.error(item, "a day or a range before \"#\" or \"L\"")
            }
            for value in parsed.values { result.occurrences[value % 7, default: BitSet64()].insert(occurrence) }
        }
        return result
    }

    /// Splits `MON#2`, `FRI#L` or `FRIL` into the days and the occurrence (0: the last); no occurrence for anything
    /// else.
    private func splitOccurrence(_ item: Substring) throws(CronError) -> (days: Substring, occurrence: Int?) {
        if let mark = item.firstIndex(of: "#") {
            let text = item[item.index(after: mark)...]
            if text == "L" { return (item[..<mark], 0) }
            guard text.utf8.count == 1, let number = Int(text), (1...5).contains(number) else {
                throw CronField.dayOfWeek.error(item, "1–5 or L after \"#\"")
            }
            return (item[..<mark], number)
        }
        guard item.hasSuffix("L") else { return (item, nil) }
        guard item != "L" else { throw CronField.dayOfWeek.error(item, "a day before \"L\", such as \"FRIL\"") }
        return (item.dropLast(), 0)
    }
}

extension CronParser {
    /// Reads `2026-02-01T12:00:00`, with or without a `Z` at its end.
    func parseDateTime() throws(CronError) -> CronMoment {
        let isUTC = text.hasSuffix("Z")
        let digits = isUTC ? text.dropLast() : text[...]
        let shape = "dddd-dd-ddTdd:dd:dd".utf8
        let fits =
            digits.utf8.count == shape.count
            && zip(digits.utf8, shape).allSatisfy { byte, wanted in
                wanted == UInt8(ascii: "d") ? (0x30...0x39).contains(byte) : byte == wanted
            }
        let numbers = digits.split { "-T:".contains($0) }.compactMap { Int($0) }
        guard fits, numbers.count == 6, (1...12).contains(numbers[1]), numbers[0] >= 1,
            (1...CivilDate.length(ofMonth: numbers[1], year: numbers[0])).contains(numbers[2]),
            (0...23).contains(numbers[3]), (0...59).contains(numbers[4]), (0...59).contains(numbers[5])
        else {
            throw CronError(field: "expression", text: text, expected: "a date-time such as 2026-02-01T12:00:00Z")
        }
        let days = CivilDate(year: numbers[0], month: numbers[1], day: numbers[2]).daysSince1970
        return CronMoment(
            seconds: days * 86_400 + numbers[3] * 3600 + numbers[4] * 60 + numbers[5],
            isUTC: isUTC
        )
    }
}
