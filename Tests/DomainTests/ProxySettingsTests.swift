import Domain
import Testing

struct ProxySettingsTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var environment: [String: String]
        var url: String
        /// `host:port`; `nil`: directly.
        var server: String?

        init(_ environment: [String: String], _ url: String, _ server: String?) {
            self.environment = environment
            self.url = url
            self.server = server
        }

        var testDescription: String { "\(environment.sorted { $0.key < $1.key }) \(url)" }
    }

    @Test(
        "Each kind of URL has a variable of its own, the lower-case spelling first, ALL_PROXY last",
        arguments: [
            Case([:], "https://a.example/v1", nil),
            Case(["HTTPS_PROXY": "http://p:8080"], "https://a.example/v1", "p:8080"),
            Case(["HTTPS_PROXY": "http://p:8080"], "http://a.example/v1", nil),
            Case(["HTTP_PROXY": "p:8080"], "http://a.example/v1", "p:8080"),
            Case(["HTTP_PROXY": "p:8080"], "https://a.example/v1", nil),
            Case(["HTTPS_PROXY": "up:1", "https_proxy": "low:2"], "https://a.example", "low:2"),
            Case(["HTTPS_PROXY": "up:1", "https_proxy": ""], "https://a.example", "up:1"),
            Case(["ALL_PROXY": "all:3"], "http://a.example", "all:3"),
            Case(["ALL_PROXY": "all:3", "https_proxy": "low:2"], "https://a.example", "low:2"),
            Case(["HTTPS_PROXY": "http://p"], "https://a.example", "p:80"),
            Case(["HTTPS_PROXY": "https://p:3128"], "https://a.example", "p:3128"),
            Case(["ALL_PROXY": "socks5://p"], "https://a.example", "p:1080"),
            Case(["HTTPS_PROXY": "http://[fd00::1]:8080"], "https://a.example", "fd00::1:8080"),
            Case(["HTTPS_PROXY": "http://"], "https://a.example", nil),
            Case(["HTTPS_PROXY": "p:1"], "ftp://a.example", nil),
            Case(["HTTPS_PROXY": "p:1"], "no address", nil),
        ]
    )
    func variables(_ example: Case) { check(example) }

    @Test(
        "NO_PROXY names what is reached directly: names with their subdomains, addresses, ranges, ports",
        arguments: [
            ("b.example, a.example", "https://a.example", true),
            ("a.example", "https://sub.a.example", true),
            (".a.example", "https://sub.a.example", true),
            ("*.a.example", "https://sub.a.example", true),
            ("a.example", "https://a.example.", true),
            ("A.Example", "https://a.EXAMPLE", true),
            ("a.example", "https://xa.example", false),
            ("a.example", "https://a.example.org", false),
            ("a.example:8443", "https://a.example:8443", true),
            ("a.example:443", "https://a.example", true),
            ("a.example:8443", "https://a.example", false),
            ("10.0.0.0/8", "https://10.1.2.3", true),
            ("10.0.0.0/8", "https://11.1.2.3", false),
            ("192.0.2.7", "https://192.0.2.7:8443", true),
            ("192.0.2.7:80", "https://192.0.2.7", false),
            ("fd00::/8", "https://[fd00::7]", true),
            ("[fd00::7]:443", "https://[fd00::7]", true),
            ("*", "https://a.example", true),
            ("a.example *", "https://b.example", true),
            (",, .", "https://a.example", false),
        ]
    )
    func exceptions(_ noProxy: String, _ url: String, _ isDirect: Bool) {
        check(Case(["HTTPS_PROXY": "p:1", "NO_PROXY": noProxy], url, isDirect ? nil : "p:1"))
    }

    @Test(
        "This machine and the run's gateway are always reached directly",
        arguments: ["http://localhost:8080", "http://127.0.0.9", "http://[::1]:1", "http://gateway:11434/v1"]
    )
    func near(_ url: String) {
        check(Case(["ALL_PROXY": "p:1", "GATEWAY_URL": "http://gateway:8081"], url, nil))
    }

    @Test("A login is taken out of the proxy's URL, its escapes resolved")
    func login() {
        let server = ProxyServer("http://me:a%40b@p:8080")
        #expect(server?.login?.user == "me" && server?.login?.password == "a@b" && server?.kind == .http)
        #expect(ProxyServer("socks5://p:9")?.kind == .socks)
        #expect(ProxyServer("p:9")?.login == nil)
    }

    private func check(_ example: Case) {
        let server = ProxySettings(example.environment).server(for: example.url)
        #expect(server.map { "\($0.host):\($0.port)" } == example.server)
    }
}
