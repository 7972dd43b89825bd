/// A parsed cron expression: which local seconds match.
struct CronPattern: Hashable, Sendable {
    var seconds = BitSet64([0])
    var minutes = BitSet64()
    var hours = BitSet64()
    var months = BitSet64()
    var days = DaysOfMonth()
    var weekdays = DaysOfWeek()
    /// `nil`: every year.
    var years: [YearRange]?
    /// The hour field was `*` or `*/n`: a repeated hour fires in both passes.
    var firesInBothPasses = false

    /// Every `step`-th year of a range, the first one included.
    struct YearRange: Hashable, Sendable {
        var range: ClosedRange<Int>
        var step: Int

        func first(from year: Int) -> Int? {
            guard year > range.lowerBound else { return range.lowerBound }
            let match = range.lowerBound + (year - range.lowerBound + step - 1) / step * step
            return range.contains(match) ? match : nil
        }
    }

    /// The day-of-month field.
    struct DaysOfMonth: Hashable, Sendable {
        var plain = BitSet64()
        /// Days written with `W`.
        var nearestWeekday = BitSet64()
        var last = false
        var lastWeekday = false
        /// Anything but `*`.
        var isRestricted = false
    }

    /// The day-of-week field; 0 is Sunday.
    struct DaysOfWeek: Hashable, Sendable {
        var plain = BitSet64()
        /// For each weekday the occurrences within the month that match (1–5; 0 stands for the last one).
        var occurrences: [Int: BitSet64] = [:]
        /// Anything but `*`.
        var isRestricted = false
        /// A leading `+`: both day fields must match.
        var isAnd = false
    }

    /// The search ends with this year.
    static let lastYear = 3000

    /// The first matching local second that is at least `start`, both in seconds since 1970 on the local clock.
    func first(from start: Int) -> Int? {
        let startDay = CivilDate.quotient(start, 86_400)
        var date = CivilDate(daysSince1970: startDay)
        guard let firstTime = firstTime(from: 0) else { return nil }
        if date.year <= Self.lastYear, year(from: date.year) == date.year, months.contains(date.month),
            matchingDays(ofMonth: date.month, year: date.year).contains(date.day),
            let time = self.firstTime(from: start - startDay * 86_400)
        {
            return startDay * 86_400 + time
        }
        date.day += 1
        while let year = year(from: date.year), year <= Self.lastYear {
            if year > date.year { date = CivilDate(year: year, month: 1, day: 1) }
            if let month = months.first(from: date.month) {
                if month > date.month { date = CivilDate(year: year, month: month, day: 1) }
                if let day = matchingDays(ofMonth: month, year: year).first(from: date.day) {
                    return CivilDate(year: year, month: month, day: day).daysSince1970 * 86_400 + firstTime
                }
                date = CivilDate(year: year, month: month + 1, day: 1)
            } else {
                date = CivilDate(year: year + 1, month: 1, day: 1)
            }
        }
        return nil
    }

    /// The first matching second of a day that is at least `start` (0–86,399).
    private func firstTime(from start: Int) -> Int? {
        let (hour, minute, second) = (start / 3600, start / 60 % 60, start % 60)
        guard let firstMinute = minutes.first(from: 0), let firstSecond = seconds.first(from: 0) else { return nil }
        if hours.contains(hour) {
            if minutes.contains(minute), let match = seconds.first(from: second) {
                return hour * 3600 + minute * 60 + match
            }
            if let match = minutes.first(from: minute + 1) { return hour * 3600 + match * 60 + firstSecond }
        }
        return hours.first(from: hour + 1).map { $0 * 3600 + firstMinute * 60 + firstSecond }
    }

    /// The first matching year that is at least `year`.
    private func year(from year: Int) -> Int? {
        guard let years else { return year }
        return years.compactMap { $0.first(from: year) }.min()
    }
}

extension CronPattern {
    /// The days of a month that match both day fields (or either, as the rule for two restricted fields has it).
    func matchingDays(ofMonth month: Int, year: Int) -> BitSet64 {
        let length = CivilDate.length(ofMonth: month, year: year)
        let firstWeekday = CivilDate(year: year, month: month, day: 1).weekday
        switch (days.isRestricted, weekdays.isRestricted) {
        case (false, false):
            return BitSet64(1...length)
        case (true, false):
            return days.matches(length: length, firstWeekday: firstWeekday)
        case (false, true):
            return weekdays.matches(length: length, firstWeekday: firstWeekday)
        case (true, true):
            let left = days.matches(length: length, firstWeekday: firstWeekday)
            let right = weekdays.matches(length: length, firstWeekday: firstWeekday)
            return weekdays.isAnd ? left.intersection(right) : left.union(right)
        }
    }
}

extension CronPattern.DaysOfMonth {
    fileprivate func matches(length: Int, firstWeekday: Int) -> BitSet64 {
        var result = plain.intersection(BitSet64(1...length))
        if last { result.insert(length) }
        if lastWeekday { result.insert(nearest(to: length, length: length, firstWeekday: firstWeekday)) }
        var day = nearestWeekday.first(from: 1)
        while let current = day, current <= length {
            result.insert(nearest(to: current, length: length, firstWeekday: firstWeekday))
            day = nearestWeekday.first(from: current + 1)
        }
        return result
    }

    /// The Monday to Friday nearest to a day without leaving its month.
    private func nearest(to day: Int, length: Int, firstWeekday: Int) -> Int {
        switch (firstWeekday + day - 1) % 7 {
        case 6: day == 1 ? 3 : day - 1
        case 0: day == length ? day - 2 : day + 1
        default: day
        }
    }
}

extension CronPattern.DaysOfWeek {
    fileprivate func matches(length: Int, firstWeekday: Int) -> BitSet64 {
        var result = BitSet64()
        for day in 1...length {
            let weekday = (firstWeekday + day - 1) % 7
            if plain.contains(weekday) {
                result.insert(day)
            } else if let wanted = occurrences[weekday] {
                let isLast = day + 7 > length
                if wanted.contains((day - 1) / 7 + 1) || (isLast && wanted.contains(0)) { result.insert(day) }
            }
        }
        return result
    }
}
