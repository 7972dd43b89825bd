import Domain
import Testing

@Suite("Entries of a network list")
struct NetworkEntryTests {
    @Test(
        "What can be written",
        arguments: [
            ("*", .everything), ("API.github.com", .host("api.github.com", port: nil)),
            ("localhost", .host("localhost", port: nil)),
            ("github.com:22", .host("github.com", port: 22)), ("*.sentry.io", .subdomains(of: "sentry.io", port: nil)),
            ("*.a.b:8443", .subdomains(of: "a.b", port: 8443)), ("10.0.0.7", .addresses("10.0.0.7", port: nil)),
            ("10.0.0.0/8", .addresses("10.0.0.0/8", port: nil)), ("10.0.0.7:5432", .addresses("10.0.0.7", port: 5432)),
            ("fd00::/8", .addresses("fd00::/8", port: nil)), ("[fd00::1]:443", .addresses("fd00::1", port: 443)),
            ("bücher.example", .host("bücher.example", port: nil)), ("a-1.b2", .host("a-1.b2", port: nil)),
        ] as [(String, NetworkEntry)]
    )
    func accepted(text: String, entry: NetworkEntry) { #expect(NetworkEntry(text) == entry) }

    @Test(
        "What cannot",
        arguments: [
            "", " ", "https://x.org", "x.org/path", "*github.com", "*.", "**", "a..b", "-a.org", "a-.org", "host:",
            "host:0",
            "host:99999", "host:http", "10.0.0.0/33", "10.0.0", "1.2.3.4.5", "[fd00::1", "[fd00::1]x", "a_b.org", "a b",
        ]
    )
    func rejected(text: String) { #expect(NetworkEntry(text) == nil) }
}
