import TestSupport
import Testing

@testable import Harness

@Suite("The expressions of grep", .timeLimit(.minutes(5)))
struct ExpressionTests {
    private func matches(_ pattern: String, _ line: String, ignoresCase: Bool = false) throws -> Bool {
        let expression = try ExpressionParser.parse(pattern, ignoresCase: ignoresCase)
        return ExpressionMatcher(try ExpressionProgram(expression)).matches(Array(line.utf8)[...], isOver: { false })
    }

    @Test(
        "find what they say",
        arguments: [
            ("", "", true), ("a", "xay", true), ("a", "xyz", false), ("^a", "ba", false), ("a$", "ab", false),
            ("^$", "", true), ("^$", "a", false), ("a.c", "abc", true), ("a.c", "aéc", true), ("a.c", "ac", false),
            ("ab*c", "ac", true), ("ab+c", "ac", false), ("ab?c", "abbc", false), ("a{2}", "aa", true),
            ("^a{2}$", "aaa", false), ("^a{2,}$", "aaaa", true), ("^a{,2}$", "aaa", false), ("^a{1,2}$", "aa", true),
            ("a{x}", "a{x}", true), ("{", "{", true), ("^(ab|c)+$", "abcab", true), ("^(ab|c)+$", "aba", false),
            ("^(|a)$", "", true), ("a|", "b", true), ("^(a*)*$", "aaab", false), ("^(?:a|b){3}$", "aba", true),
            ("(?<name>a)b", "ab", true), ("(?P<name>a)b", "ab", true), ("a(?#note)b", "ab", true),
            ("[abc]", "c", true), ("[^abc]", "c", false), ("[a-c]x", "bx", true), ("[]a]", "]", true),
            ("[^]a]", "]", false), ("[a-]", "-", true), ("[-a]", "-", true), ("[\\]]", "]", true), ("[[]", "[", true),
            ("[é-ë]", "ê", true), ("[[:alpha:]]+9", "ab9", true), ("[[:punct:]]", "a", false),
            ("[\\d.]+x", "1.5x", true),
            ("\\d+", "a1", true), ("\\D", "12", false), ("\\w+@\\w+", "me@x", true), ("\\W", "ab_1", false),
            ("\\s", "a\tb", true), ("\\S", " \t", false), ("\\bcat\\b", "a cat.", true), ("\\bcat\\b", "cats", false),
            ("\\Bat", "cat", true), ("\\bé", "é", true), ("\\.", "a", false), ("\\$1", "$1", true),
            ("a\\/b", "a/b", true),
            ("\\x41", "A", true), ("\\x{1F600}", "😀", true), ("\\u00e9", "é", true), ("\\t", "\t", true),
            ("\\p{Lu}", "abC", true), ("\\pL", "1", false), ("\\P{L}", "abc", false), ("\\Qa.b\\E+", "a.bbb", true),
            ("\\Qa.b", "axb", false), ("(?i)ab", "AB", true), ("(?i:a)b", "AB", false), ("a(?-i)b", "Ab", false),
            ("x*?y", "xxy", true), ("^.*foo.*bar$", "a foo b bar", true), ("colou?r", "my color", true),
            ("\\Aab\\z", "ab", true), ("ÄÖ", "xÄÖ", true), ("func \\w+\\(", "func run(", true),
        ]
    )
    func dialect(_ pattern: String, _ line: String, _ fits: Bool) throws {
        #expect(try matches(pattern, line) == fits)
    }

    @Test("that repeat nothing a thousand thousand times are read at once")
    func repeatedNothing() throws {
        #expect(try matches("((((){1000}){1000}){1000}){1000}a", "a"))
        #expect(try !matches("(()|b){3}c", "bb"))
    }

    @Test(
        "take upper and lower case for the same when told to, also outside of ASCII",
        arguments: [("straße", "STRAßE", true), ("É", "é", true), ("[a-c]x", "BX", true), ("[^a]", "A", false)]
    )
    func ignoringCase(_ pattern: String, _ line: String, _ fits: Bool) throws {
        #expect(try matches(pattern, line, ignoresCase: true) == fits)
    }

    @Test(
        "are refused at the place that is wrong",
        arguments: [
            ("(a", 1, "no end"), ("a)", 2, "no group"), ("[a", 1, "no end"), ("[b-a]", 2, "wrong way"),
            ("+a", 1, "repeat"),
            ("a|*", 3, "repeat"), ("{2}", 1, "repeat"), ("a{3,2}", 2, "counts"), ("a{2000}", 2, "counts"),
            ("(?=a)", 1, "look-around"), ("(?>a)", 1, "atomic"), ("a++", 3, "possessive"), ("(a)\\1", 4, "back-ref"),
            ("\\k<a>", 1, "back-ref"), ("(?P=a)", 1, "references"), ("\\y", 1, "not known"), ("a\\", 2, "backslash"),
            ("\\x{110000}", 1, "no character"), ("\\p{Klingon}", 1, "category"), ("[[:nothing:]]", 2, "no set"),
            ("(?x)a", 3, "flag"), ("((a{100}){100}){100}", 1, "too large"),
        ]
    )
    func refused(_ pattern: String, _ position: Int, _ words: String) throws {
        let error = try #require(throws: ExpressionError.self) { try matches(pattern, "") }
        #expect(error.position == position && error.reason.contains(words), "\(error)")
    }

    @Test("that are nested too deeply are refused before the stack is used up")
    func nested() {
        let pattern = String(repeating: "(", count: 100_000)
        #expect(throws: ExpressionError.self) { try matches(pattern, "") }
    }

    @Test(
        "take time in proportion to the line where others go through every way to fail",
        arguments: [
            "(a+)+$", "(a|a)*b", "(a*)*b", "a*a*a*a*a*b", "^(([a-z])+.)+[A-Z]([a-z])+$", "(.*)*x(.*)*y",
            "(a?){50}a{50}b",
        ]
    )
    func linear(_ pattern: String) throws {
        #expect(try !matches(pattern, String(repeating: "a", count: 20_000) + "!"))
    }

    @Test("end when the time is over")
    func time() throws {
        let matcher = ExpressionMatcher(try ExpressionProgram(try ExpressionParser.parse("a$", ignoresCase: false)))
        let line = Array(repeating: UInt8(ascii: "a"), count: 100_000)
        #expect(matcher.matches(line[...], isOver: { false }))
        #expect(!matcher.matches(line[...], isOver: { true }))
    }

    @Test("remember little, whatever they meet, and still find the same")
    func forgetful() throws {
        // Each place of the last 14 characters is a bit of the situation: more of them than are kept.
        let matcher = ExpressionMatcher(
            try ExpressionProgram(try ExpressionParser.parse("a.{14}$", ignoresCase: false))
        )
        var random = SeededGenerator(state: 5)
        for _ in 0..<20 {
            let line = (0..<300).map { _ in UInt8(ascii: Bool.random(using: &random) ? "a" : "b") }
            #expect(matcher.matches(line[...], isOver: { false }) == (line[285] == UInt8(ascii: "a")))
        }
    }

    @Test("agree with the system's expressions on random patterns and lines", arguments: 0..<10)
    func comparison(_ seed: Int) throws {
        var random = SeededGenerator(state: UInt64(seed))
        for _ in 0..<50 {
            let pattern = Self.pattern(depth: 3, &random)
            let regex = try Regex(pattern).matchingSemantics(.unicodeScalar)
            let matcher = ExpressionMatcher(
                try ExpressionProgram(try ExpressionParser.parse(pattern, ignoresCase: false))
            )
            for _ in 0..<10 {
                let line = String(
                    (0..<Int.random(in: 0...7, using: &random)).map { _ in
                        "abcé_ 1".randomElement(using: &random) ?? "a"
                    }
                )
                let expected = try regex.firstMatch(in: line) != nil
                let found = matcher.matches(Array(line.utf8)[...], isOver: { false })
                #expect(found == expected, "seed \(seed): /\(pattern)/ in \"\(line)\"")
            }
        }
    }

    private static func pattern(depth: Int, _ random: inout SeededGenerator) -> String {
        let atoms = ["a", "b", "c", "é", ".", "[ab]", "[^a]", "\\w", "\\d", "\\s", "^", "$", "[a-c1]"]
        func atom() -> String { atoms.randomElement(using: &random) ?? "a" }
        guard depth > 0 else { return atom() }
        switch Int.random(in: 0..<6, using: &random) {
        case 0: return pattern(depth: depth - 1, &random) + pattern(depth: depth - 1, &random)
        case 1: return "(" + pattern(depth: depth - 1, &random) + "|" + pattern(depth: depth - 1, &random) + ")"
        case 2:
            let times = ["*", "+", "?", "{2}", "{1,2}", "*?"].randomElement(using: &random) ?? "*"
            return "(?:a" + pattern(depth: depth - 1, &random) + ")" + times
        case 3: return atom() + atom()
        default: return atom() + pattern(depth: depth - 1, &random)
        }
    }
}
