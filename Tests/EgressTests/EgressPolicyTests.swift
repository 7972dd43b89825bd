import Testing

@testable import Egress

@Suite struct EgressPolicyTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var allow: [String]
        var host: String
        var port: Int
        var rule: String?

        init(_ allow: [String], _ host: String, _ port: Int, _ rule: String?) {
            (self.allow, self.host, self.port, self.rule) = (allow, host, port, rule)
        }

        var testDescription: String { "\(allow) \(host):\(port)" }
    }

    @Test(
        "A connection is allowed by the entry that lists its host and port",
        arguments: [
            Case(["api.github.com"], "api.github.com", 443, "api.github.com"),
            Case(["api.github.com"], "api.github.com", 80, "api.github.com"),
            Case(["api.github.com"], "api.github.com", 22, nil),
            Case(["API.GitHub.com"], "api.github.com", 443, "API.GitHub.com"),
            Case(["api.github.com"], "github.com", 443, nil),
            Case(["api.github.com"], "api.github.com.evil.io", 443, nil),
            Case(["api.github.com"], "xapi.github.com", 443, nil),
            Case(["*.sentry.io"], "a.sentry.io", 443, "*.sentry.io"),
            Case(["*.sentry.io"], "a.b.sentry.io", 443, "*.sentry.io"),
            Case(["*.sentry.io"], "sentry.io", 443, nil),
            Case(["*.sentry.io"], "evilsentry.io", 443, nil),
            Case(["github.com:22"], "github.com", 22, "github.com:22"),
            Case(["github.com:22"], "github.com", 443, nil),
            Case(["10.0.0.0/8"], "10.1.2.3", 443, "10.0.0.0/8"),
            Case(["10.0.0.0/8"], "11.1.2.3", 443, nil),
            Case(["[fd00::1]:8080"], "fd00::1", 8080, "[fd00::1]:8080"),
            Case([], "example.com", 443, nil),
            Case(["Bücher.example"], "xn--bcher-kva.example", 443, "Bücher.example"),
            Case(["*.例え.jp"], "a.xn--r8jz45g.jp", 443, "*.例え.jp"),
        ]
    )
    func rules(_ one: Case) {
        #expect(EgressPolicy(allow: one.allow).permission(forHost: one.host, port: one.port)?.rule == one.rule)
    }

    @Test(
        "Names beyond ASCII are compared as requests spell them",
        arguments: [
            ("api.github.com", "api.github.com"), ("MÜNCHEN.de", "xn--mnchen-3ya.de"),
            ("bücher.ü", "xn--bcher-kva.xn--tda"),
            ("例え.jp", "xn--r8jz45g.jp"), ("ليهمابتكلموشعربي؟", "xn--egbpdaj6bu4bxfgehfvwxn"), ("", ""),
        ]
    )
    func names(text: String, wire: String) { #expect(Punycode.name(text) == wire) }

    @Test("A listed name that leads to a private address is not enough; the address must be listed")
    func privateAddresses() {
        let named = EgressPolicy(allow: ["inside.example"])
        #expect(named.permits(address: "93.184.216.34", port: 443))
        #expect(!named.permits(address: "10.0.0.1", port: 443))
        #expect(!named.permits(address: "169.254.169.254", port: 80))
        let listed = EgressPolicy(allow: ["inside.example", "10.0.0.0/8"])
        #expect(listed.permits(address: "10.0.0.1", port: 443))
        #expect(!listed.permits(address: "10.0.0.1", port: 8080))
        #expect(!listed.permits(address: "127.0.0.1", port: 443))
    }

    @Test(
        "Only addresses of the public internet are public",
        arguments: [
            ("8.8.8.8", true), ("140.82.121.4", true), ("2606:4700::6810:84e5", true),
            ("2a00:1450:4001:82b::200e", true),
            ("0.0.0.0", false), ("10.255.255.255", false), ("100.64.0.1", false), ("127.0.0.1", false),
            ("168.63.129.16", false), ("168.63.129.17", true), ("169.254.169.254", false),
            ("172.16.0.1", false), ("172.32.0.1", true), ("192.168.1.1", false),
            ("198.18.0.1", false), ("224.0.0.1", false), ("255.255.255.255", false), ("::1", false), ("::", false),
            ("fe80::1", false), ("fe80::1%eth0", false), ("fc00::1", false), ("fd00:ec2::254", false),
            ("ff02::1", false), ("::ffff:10.0.0.1", false), ("::ffff:8.8.8.8", true), ("64:ff9b::a00:1", false),
            ("2002:a00:1::", false), ("2001:db8::1", false), ("no address", false), ("", false), ("0x7f000001", false),
        ]
    )
    func classes(_ address: String, _ isPublic: Bool) {
        #expect(AddressClass(address).isPublic == isPublic)
    }
}
