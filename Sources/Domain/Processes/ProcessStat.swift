/// What a line of `/proc/<pid>/stat` tells (proc(5)).
package struct ProcessStat: Hashable, Sendable {
    /// Its number.
    package var pid: Int32
    /// Whether it is over and only waits to be reaped.
    package var hasEnded: Bool
    /// The process that is told of its end.
    package var parent: Int32
    /// The number of its process group.
    package var group: Int32
    /// The number of its session.
    package var session: Int32
    /// Clock ticks since boot.
    package var startTime: UInt64

    /// Parses a line; the name, in parentheses, may itself hold blanks and parentheses.
    ///
    /// By bytes and no further than needed: whoever follows a run looks at all processes of the machine again and again.
    package init?(line: [UInt8]) {
        guard let open = line.firstIndex(of: UInt8(ascii: "(")), let close = line.lastIndex(of: UInt8(ascii: ")")),
            open < close
        else { return nil }
        let blank = UInt8(ascii: " ")
        var rest = line[..<open]
        func next(skipping count: Int = 0) -> ArraySlice<UInt8> {
            for _ in 0..<count { _ = next() }
            let field = rest.drop { $0 == blank }.prefix { $0 != blank }
            rest = rest[field.endIndex...]
            return field
        }
        func number<Number: FixedWidthInteger>(_ field: ArraySlice<UInt8>) -> Number? {
            Number(String(decoding: field, as: UTF8.self))
        }
        guard let pid: Int32 = number(next()) else { return nil }
        rest = line[(close + 1)...]
        guard let state = next().first, let parent: Int32 = number(next()), let group: Int32 = number(next()),
            let session: Int32 = number(next()), let startTime: UInt64 = number(next(skipping: 15))
        else { return nil }
        self.pid = pid
        self.hasEnded = "ZX".utf8.contains(state)
        self.parent = parent
        self.group = group
        self.session = session
        self.startTime = startTime
    }
}
