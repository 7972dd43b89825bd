extension TableDecoder {
    /// Seconds, 1 to a year.
    func seconds(_ key: String) -> Int? { amount(key, from: 1, atMost: 31_536_000) }

    /// Days, 1 to a century.
    func days(_ key: String) -> Int? { amount(key, from: 1, atMost: 36_500) }

    /// Runners of an agent; none is a number too.
    func runners(_ key: String) -> Int? { amount(key, from: 0, atMost: 10_000) }

    /// A number of things, at least one.
    func count(_ key: String) -> Int? { amount(key, from: 1, atMost: 1_000_000_000_000) }

    /// A whole number whose upper bound nobody meets except by a slip, so that it is named only there.
    private func amount(_ key: String, from lowest: Int, atMost highest: Int) -> Int? {
        guard let number = integer(key, lowest...Int.max) else { return nil }
        guard number <= highest else {
            report.add(.configBadType, at: full(key), "expected a whole number ≤ \(highest), found \(number)")
            return nil
        }
        return number
    }
}
