import TestSupport

/// A request that no honest client sends.
struct MalformedRequest {
    /// Ways to be malformed.
    enum Kind: CaseIterable {
        case deepJSON, badUTF8, badJSON, oversized, overstated, understated, endlessChunks, badChunks, headerFlood
        case hugeHeader, pipelining, noise, badMethod, badPath, conflictingLengths, cutHead, cutBody, nullBytes
    }

    let kind: Kind
    /// What is sent, in pieces.
    let chunks: [[UInt8]]

    /// Makes one; the same generator makes the same.
    init(_ kind: Kind, using generator: inout SeededGenerator) {
        self.kind = kind
        chunks = Self.chunks(of: kind, &generator)
    }

    private static let paths = [
        "/locks/acquire", "/calls", "/signals/return", "/shutdown", "/control/stop", "/webhooks/test", "/login",
        "/logout",
        "/control/trigger/dev", "/credentials/x",
    ]

    private static func post(_ path: String, _ body: [UInt8], length: String? = nil, headers: String = "") -> [[UInt8]]
    {
        let head =
            "POST \(path) HTTP/1.1\r\nHost: x\r\nContent-Length: \(length ?? String(body.count))\r\n\(headers)\r\n"
        return [Array(head.utf8), body]
    }

    // Each case is one way to be malformed: a table would hide them.
    private static func chunks(of kind: Kind, _ random: inout SeededGenerator) -> [[UInt8]] {
        let path = paths.randomElement(using: &random) ?? "/"
        switch kind {
        case .deepJSON:
            let depth = Int.random(in: 200...100_000, using: &random)
            let open = Bool.random(using: &random) ? "[" : #"{"a":"#
            return post(
                path,
                Array(#"{"secret":"s1","context":"#.utf8) + Array(String(repeating: open, count: depth).utf8)
            )
        case .badUTF8:
            return post(
                path,
                Array(#"{"secret":""#.utf8) + noise(200, &random).filter { $0 > 0x7F } + Array(#""}"#.utf8)
            )
        case .badJSON:
            let bodies = [
                "", "null", "[]", "{", #"{"a":}"#, #"{"secret":"s1""#, "1e999999", #"{"ttl":1e400}"#, "\u{FEFF}{}",
            ]
            return post(path, Array((bodies.randomElement(using: &random) ?? "").utf8))
        case .oversized: return post(path, [UInt8](repeating: 0x20, count: (1 << 20) + 4096))
        case .overstated: return post(path, Array("{}".utf8), length: "99999999999")
        case .understated: return post(path, Array(#"{"secret":"s1"}POST / HTTP/1.1"#.utf8), length: "5")
        case .endlessChunks:
            let head = "POST \(path) HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
            return [Array(head.utf8)]
                + [[UInt8]](repeating: Array("4000\r\n".utf8) + spaces(0x4000) + [13, 10], count: 100)
        case .badChunks:
            let head = "POST \(path) HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
            let sizes = ["zz", "-5", "FFFFFFFFFFFFFFFFFF", "5;x=\u{1}", ""]
            return [Array(head.utf8), Array("\(sizes.randomElement(using: &random) ?? "")\r\nabc\r\n".utf8)]
        case .headerFlood:
            let lines = (0..<Int.random(in: 500...5000, using: &random)).map { "X-\($0): \($0)\r\n" }.joined()
            return [Array("GET /health HTTP/1.1\r\nHost: x\r\n\(lines)\r\n".utf8)]
        case .hugeHeader:
            return [Array("GET /health HTTP/1.1\r\nHost: x\r\nX: ".utf8), spaces(200_000), [13, 10, 13, 10]]
        case .pipelining:
            let one = "GET /control/status HTTP/1.1\r\nHost: x\r\n\r\n"
            return [Array(String(repeating: one, count: Int.random(in: 2...200, using: &random)).utf8)]
        case .noise: return [noise(Int.random(in: 1...4000, using: &random), &random), Array("\r\n\r\n".utf8)]
        case .badMethod:
            let method = ["get", "G\u{1}T", "CONNECT", "TRACE", "BREW", String(repeating: "A", count: 5000)]
            return [Array("\(method.randomElement(using: &random) ?? "") \(path) HTTP/1.1\r\nHost: x\r\n\r\n".utf8)]
        case .badPath: return [Array("GET \(badPath(&random)) HTTP/1.1\r\nHost: x\r\n\r\n".utf8)]
        case .conflictingLengths:
            return post(path, Array("{}".utf8), headers: "Content-Length: 7\r\nTransfer-Encoding: chunked\r\n")
        case .cutHead: return [Array("POST \(path) HTT".utf8)]
        case .cutBody: return post(path, Array(#"{"secret":"s1","reso"#.utf8), length: "500")
        case .nullBytes: return [Array("GET /\0 HTTP/1.1\r\nHo\0st: x\r\n\r\n".utf8)]
        }
    }

    private static func badPath(_ random: inout SeededGenerator) -> String {
        let paths = [
            "/%ff%fe", "/%", "/%zz", "//", "/../../etc/passwd", "/api/logs/agents/..%2f..%2fetc", "/api/runs/%00",
            "/calls/%F0%9F?secret=%ff", "/\(String(repeating: "a/", count: 5000))", "http://other/health", "*",
            "/credentials/\(String(repeating: "x", count: 30_000))", "/api/logs/scheduler?lines=-1&cursor=%00",
        ]
        return paths.randomElement(using: &random) ?? "/"
    }

    private static func spaces(_ count: Int) -> [UInt8] { [UInt8](repeating: 0x20, count: count) }

    private static func noise(_ count: Int, _ random: inout SeededGenerator) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
    }
}
