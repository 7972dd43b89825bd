import Domain
import TestSupport
import Testing

@Suite("Address ranges, JSON pointers, texts of triggers") struct AddressRangeTests {
    @Test(
        "an address lies in a range or not",
        arguments: [
            ("10.0.0.7", "10.0.0.7", true), ("10.0.0.7", "10.0.0.8", false), ("10.0.0.0/8", "10.255.1.1", true),
            ("10.0.0.0/8", "11.0.0.0", false), ("10.0.0.0/9", "10.128.0.0", false), ("0.0.0.0/0", "8.8.8.8", true),
            ("10.0.0.0/8", "::ffff:10.1.1.1", true), ("fd00::/8", "fd12:3456::1", true), ("fd00::/8", "fe80::1", false),
            ("::1", "0:0:0:0:0:0:0:1", true), ("2001:db8::/32", "2001:db8:1::", true),
            ("fe80::1", "fe80::1%eth0", true),
            ("10.0.0.0/8", "fd00::1", false), ("10.0.0.0/8", "nonsense", false), ("10.0.0.0/8", "", false),
        ]
    )
    func membership(range: String, address: String, isInside: Bool) throws {
        #expect(try #require(AddressRange(range)).contains(address) == isInside)
    }

    @Test(
        "what is no range is refused",
        arguments: [
            "", "10", "10.0.0", "10.0.0.256", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "a.b.c.d", "1.2.3.4.5", ":::",
            "1::2::3", "12345::", "::/129", "1:2:3:4:5:6:7:8:9", "+1.0.0.0", "10.0.0.0/8/8", "::g",
        ]
    )
    func refused(text: String) { #expect(AddressRange(text) == nil) }

    @Test("a webhook's trigger without its context is whole again with it, other triggers lack nothing")
    func triggerWithoutContext() throws {
        let context: JSONValue = ["event": "e\"", "n": [1]]
        let trigger = Trigger.webhook(.init(deliveryID: "d\\", source: "s", event: "é", context: context))
        var json = try JSONValue(parsing: trigger.textWithoutContext)
        #expect(Trigger(json: json) == nil)
        json["context"] = context
        #expect(Trigger(json: json) == trigger)
        let manual = Trigger.manual(prompt: "now")
        #expect(manual.textWithoutContext == manual.json.compactText)
    }

    @Test("a pointer finds what RFC 6901 says it finds")
    func pointers() throws {
        let document: JSONValue = [
            "foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5, "k\"l": 6, " ": 7,
            "m~n": 8,
        ]
        let rows: [(String, JSONValue?)] = [
            ("", document), ("/foo", ["bar", "baz"]), ("/foo/0", "bar"), ("/", 0), ("/a~1b", 1), ("/c%d", 2),
            ("/e^f", 3), ("/g|h", 4), ("/i\\j", 5), ("/k\"l", 6), ("/ ", 7), ("/m~0n", 8), ("/foo/2", .none),
            ("/foo/01", .none), ("/foo/-", .none), ("/foo/x", .none), ("/x/y", .none), ("//", .none),
        ]
        for (text, value) in rows {
            #expect(try #require(JSONPointer(text)).node(in: document.node)?.value == value, "\(text)")
        }
        for text in ["foo", "/a~2", "/a~", "~0"] { #expect(JSONPointer(text) == nil) }
    }
}
