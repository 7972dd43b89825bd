import Domain
import OrderedCollections
import TestSupport
import Testing

@Suite("JSON")
struct JSONTests {
    @Test(
        "reads every kind of value",
        arguments: [
            ("null", .null), (" true ", .bool(true)), ("-0.50e+3", .number("-0.50e+3")), ("\"\"", .string("")),
            (#""a\u00e4\n\ud83d\ude00\/""#, .string("aä\n😀/")), ("[]", []), ("{}", [:]), ("[1, [2]]", [1, [2]]),
            (#"{"b":1,"a":{"c":null}}"#, ["b": 1, "a": ["c": .null]]), (#""\ud800""#, .string("\u{FFFD}")),
        ] as [(String, JSONValue)]
    )
    func accepts(text: String, value: JSONValue) throws {
        #expect(try JSONValue(parsing: text) == value)
    }

    @Test(
        "refuses what is no JSON",
        arguments: [
            "", " ", "nul", "01", "1.", ".5", "+1", "1e", "-", "[1,]", "[1 2]", "{\"a\":1,}", "{a:1}", "{\"a\" 1}",
            "\"",
            "\"\\x\"", "\"\\u12g4\"", "\"a\nb\"", "[", "{", "1 2", "'a'", "NaN",
        ]
    )
    func refuses(_ text: String) {
        #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
    }

    @Test("nesting without end is refused, not followed")
    func depth() {
        let deep = String(repeating: "[", count: 100_000)
        #expect(throws: JSONError.self) { try JSONValue(parsing: deep) }
    }

    @Test("objects keep the order of their keys and numbers their digits")
    func lossless() throws {
        let text = #"{"z":1.50,"a":1e3,"m":[12345678901234567890]}"#
        #expect(try JSONValue(parsing: text).compactText == text)
    }

    @Test("whatever is written is read back the same, compact and pretty")
    func roundTrip() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededGenerator(state: seed)
        for _ in 0..<300 {
            let value = Self.value(depth: 4, using: &random)
            #expect(try JSONValue(parsing: value.compactText) == value, "seed \(seed)")
            #expect(try JSONValue(parsing: value.prettyText) == value, "seed \(seed)")
        }
    }

    private static func value(depth: Int, using random: inout SeededGenerator) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 6 : 4), using: &random) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &random))
        case 2: return .int(Int.random(in: -1000...1000, using: &random))
        case 3: return .string(text(using: &random))
        case 4: return .array((0..<3).map { _ in value(depth: depth - 1, using: &random) })
        default:
            var members = OrderedDictionary<String, JSONValue>()
            for _ in 0..<3 { members[text(using: &random)] = value(depth: depth - 1, using: &random) }
            return .object(members)
        }
    }

    private static func text(using random: inout SeededGenerator) -> String {
        let scalars: [Character] = ["a", "\"", "\\", "\n", "\u{0}", "\u{1f}", "\u{7f}", "ä", "😀", "/", " ", "\u{2028}"]
        return String((0..<5).map { _ in scalars[Int.random(in: 0..<scalars.count, using: &random)] })
    }
}
