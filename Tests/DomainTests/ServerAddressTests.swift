import Domain
import Testing

@Suite("Addresses of servers")
struct ServerAddressTests {
    @Test(
        "It is written as docker and as known_hosts write it",
        arguments: [
            ("h", nil, nil, "ssh://h", "h"), ("h", "me", 22, "ssh://me@h:22", "h"),
            ("10.0.0.1", "root", 2222, "ssh://root@10.0.0.1:2222", "[10.0.0.1]:2222"),
            ("fd00::1", "me", 2222, "ssh://me@[fd00::1]:2222", "[fd00::1]:2222"),
        ] as [(String, String?, Int?, String, String)]
    )
    func writes(host: String, user: String?, port: Int?, text: String, known: String) throws {
        let server = try #require(ServerAddress(host: host, user: user, port: port))
        #expect(server.description == text)
        #expect(server.knownHostsName == known)
    }

    @Test(
        "What a command line could take for something else is no address",
        arguments: [
            ("", nil, nil), ("-h", nil, nil), ("a b", nil, nil), ("h;x", nil, nil), ("h", "-l", nil), ("h", "", nil),
            ("h", "$(x)", nil), ("h", nil, 0), ("h", nil, 65536), ("h\n", nil, nil), ("ä", nil, nil),
        ] as [(String, String?, Int?)]
    )
    func refuses(host: String, user: String?, port: Int?) {
        #expect(ServerAddress(host: host, user: user, port: port) == nil)
    }
}
