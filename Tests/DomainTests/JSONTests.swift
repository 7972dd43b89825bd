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

    @Test("a node of a document says of each value what the value says of itself")
    func nodes() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededGenerator(state: seed)
        for _ in 0..<300 {
            let value = Self.value(depth: 4, using: &random)
            Self.compare(value.node, value, "seed \(seed)")
            Self.compare(try JSONDocument(parsing: Array(value.prettyText.utf8)).root, value, "seed \(seed)")
        }
    }

    @Test("of a repeated key the last value counts, however the key is written")
    func repeatedKeys() throws {
        let document = try JSONDocument(parsing: Array(#"{"a":1,"b":2,"\u0061":[3,{"a":4}],"A":5}"#.utf8))
        #expect(document.root["a"]?.value == [3, ["a": 4]])
        #expect(document.root["a"]?[1]?["a"]?.intValue == 4)
        #expect(document.root["c"] == nil && document.root[0] == nil && document.root["b"]?["x"] == nil)
        #expect(document.root.value == ["a": [3, ["a": 4]], "b": 2, "A": 5])
    }

    private static func compare(_ node: JSONNode, _ value: JSONValue, _ comment: Comment) {
        #expect(node.value == value, comment)
        #expect(node.stringValue == value.stringValue && node.intValue == value.intValue, comment)
        #expect(node.doubleValue == value.doubleValue && node.isNull == (value == .null), comment)
        #expect(node.isObject == (value.objectValue != nil) && node["no such key"] == nil, comment)
        #expect(node.elements.map(\.value) == value.arrayValue ?? [], comment)
        for (place, element) in (value.arrayValue ?? []).enumerated() {
            guard let inner = node[place] else { return #expect(Bool(false), comment) }
            compare(inner, element, comment)
        }
        for (key, member) in value.objectValue ?? [:] {
            guard let inner = node[key] else { return #expect(Bool(false), comment) }
            compare(inner, member, comment)
        }
    }

    @Test("a character is escaped where it must be, wherever in a text it stands", arguments: 0..<18)
    func escapes(place: Int) throws {
        for filling in ["a", "é", "\u{7FF}"] {
            let head = String(repeating: filling, count: place)
            let tail = String(repeating: filling, count: 17 - place)
            for code in UInt32(0)..<0x180 {
                let scalar = try #require(Unicode.Scalar(code))
                let text = "\(head)\(scalar)\(tail)"
                let literal = "\"\(head)\(Self.escaped(scalar))\(tail)\""
                let isRight = try JSONValue.quoted(text) == literal && JSONValue(parsing: literal) == .string(text)
                #expect(isRight, "\(code) at \(place) among \(filling)")
            }
        }
    }

    @Test("a control character that stands in a text as it is is refused at its place", arguments: 0..<18)
    func refusesControl(place: Int) throws {
        for code in UInt8(0)..<0x20 {
            var bytes = Array("\"\(String(repeating: "é", count: 9))\"".utf8)
            bytes[1 + place] = code
            let error = #expect(throws: JSONError.self) { try JSONValue(parsing: bytes) }
            #expect(error?.offset == 1 + place)
        }
        #expect(try JSONValue(parsing: "\"\u{7F}\"") == "\u{7F}")
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\"", "\\": "\\\(scalar)"
        case "\n": "\\n"
        case "\r": "\\r"
        case "\t": "\\t"
        case "\u{8}": "\\b"
        case "\u{C}": "\\f"
        case "\u{7F}": "\\u007f"
        case _ where scalar.value < 0x20: "\\u00\(scalar.value < 16 ? "0" : "")\(String(scalar.value, radix: 16))"
        default: "\(scalar)"
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
