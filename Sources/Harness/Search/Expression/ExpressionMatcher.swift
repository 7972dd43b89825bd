/// Looks for an expression in lines, each character once: the time grows with the line, never with its square or worse.
///
/// Sets of active states are numbered as they come up, and what a character makes of such a set is remembered, so that
/// ordinary text is searched by looking up one table.
final class ExpressionMatcher {
    /// What is known at a place in a line, besides the characters to come.
    private struct Situation: Hashable {
        /// Steps that were reached, in order; assertions among them are not decided yet.
        var steps: [Int]
        var isAtStart: Bool
        var followsWord: Bool
    }

    /// A character that is not ASCII in a situation.
    private struct Other: Hashable {
        var situation: Int32
        var scalar: Unicode.Scalar
    }

    private static let mostSituations = 1000
    private static let mostOthers = 50_000
    private static let matched: Int32 = -2
    private static let unknown: Int32 = -1
    /// So many characters are searched between two looks at the clock.
    private static let stride = 4096

    private let program: ExpressionProgram
    private var situations: [Situation] = []
    private var numbers: [Situation: Int32] = [:]
    /// The situation behind each ASCII character, 128 for each situation.
    private var table: [Int32] = []
    private var others: [Other: Int32] = [:]
    private var endings: [Bool?] = []

    init(_ program: ExpressionProgram) { self.program = program }

    /// Whether a line holds something that fits.
    ///
    /// - Parameters:
    ///   - line: UTF-8; what is none counts as U+FFFD.
    ///   - isOver: asked now and then; true ends the search without a match.
    /// - Returns: whether it does.
    func matches(_ line: ArraySlice<UInt8>, isOver: () -> Bool) -> Bool {
        var current = number(Situation(steps: [program.start], isAtStart: true, followsWord: false))
        var index = line.startIndex
        var untilLook = Self.stride
        while index < line.endIndex {
            let byte = line[index]
            let following: Int32
            if byte < 0x80 {
                index += 1
                let known = table[Int(current) << 7 | Int(byte)]
                following = known == Self.unknown ? learn(Unicode.Scalar(byte), from: current) : known
            } else {
                let (scalar, length) = Self.scalar(line[index...])
                index += length
                following = others[Other(situation: current, scalar: scalar)] ?? learn(scalar, from: current)
            }
            guard following != Self.matched else { return true }
            current = following
            untilLook -= 1
            if untilLook == 0 {
                untilLook = Self.stride
                if isOver() { return false }
            }
        }
        return endsInMatch(current)
    }

    private func number(_ situation: Situation) -> Int32 {
        if let known = numbers[situation] { return known }
        let new = Int32(situations.count)
        situations.append(situation)
        numbers[situation] = new
        table += repeatElement(Self.unknown, count: 128)
        endings.append(nil)
        return new
    }

    private func learn(_ scalar: Unicode.Scalar, from current: Int32) -> Int32 {
        let situation = situations[Int(current)]
        let isWord = ScalarSet.isWord(scalar)
        let (active, isMatch) = settled(situation, beforeWord: isWord, isAtEnd: false)
        let following: Int32
        if isMatch {
            following = Self.matched
        } else {
            var steps: Set<Int> = [program.start]
            for step in active {
                if case .scalars(let set) = program.steps[step], set.contains(scalar) {
                    steps.insert(program.next[step])
                }
            }
            // A table that grew too large begins anew; a set is found again as fast as it was forgotten.
            if situations.count >= Self.mostSituations {
                forget()
                return number(Situation(steps: steps.sorted(), isAtStart: false, followsWord: isWord))
            }
            following = number(Situation(steps: steps.sorted(), isAtStart: false, followsWord: isWord))
        }
        if scalar.isASCII {
            table[Int(current) << 7 | Int(scalar.value)] = following
        } else {
            if others.count >= Self.mostOthers { others = [:] }
            others[Other(situation: current, scalar: scalar)] = following
        }
        return following
    }

    private func forget() {
        situations = []
        numbers = [:]
        table = []
        others = [:]
        endings = []
    }

    private func endsInMatch(_ current: Int32) -> Bool {
        if let known = endings[Int(current)] { return known }
        let result = settled(situations[Int(current)], beforeWord: false, isAtEnd: true).isMatch
        endings[Int(current)] = result
        return result
    }

    /// Follows all steps that take no character.
    private func settled(_ situation: Situation, beforeWord: Bool, isAtEnd: Bool) -> (active: [Int], isMatch: Bool) {
        var seen = Set(situation.steps)
        var waiting = situation.steps
        var active: [Int] = []
        func go(to step: Int) { if seen.insert(step).inserted { waiting.append(step) } }
        while let step = waiting.popLast() {
            switch program.steps[step] {
            case .match: return ([], true)
            case .scalars: active.append(step)
            case .either(let one, let other):
                go(to: one)
                go(to: other)
            case .assertion(let assertion):
                let holds =
                    switch assertion {
                    case .start: situation.isAtStart
                    case .end: isAtEnd
                    case .wordBorder: situation.followsWord != beforeWord
                    case .noWordBorder: situation.followsWord == beforeWord
                    }
                if holds { go(to: program.next[step]) }
            }
        }
        return (active, false)
    }

    /// The first character of UTF-8 text and how many bytes it takes.
    private static func scalar(_ bytes: ArraySlice<UInt8>) -> (Unicode.Scalar, Int) {
        var decoder = Unicode.UTF8()
        var iterator = bytes.makeIterator()
        guard case .scalarValue(let scalar) = decoder.decode(&iterator) else { return ("\u{FFFD}", 1) }
        return (scalar, UTF8.width(scalar))
    }
}
