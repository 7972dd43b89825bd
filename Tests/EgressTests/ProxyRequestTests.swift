import Testing

@testable import Egress

@Suite struct ProxyRequestTests {
    private static func head(_ lines: String...) -> String { lines.joined(separator: "\r\n") }

    @Test("CONNECT names host and port; the token stands in Basic or Bearer")
    func tunnel() throws {
        let basic = try ProxyRequest(
            head: Self.head("CONNECT API.github.com.:443 HTTP/1.1", "Proxy-Authorization: Basic cnVuOnNlY3JldA==")
        )
        #expect((basic.host, basic.port, basic.isTunnel) == ("api.github.com", 443, true))
        #expect(basic.token == "secret")
        #expect(basic.forwardedHead.isEmpty)
        let bearer = try ProxyRequest(head: Self.head("CONNECT [::1]:22 HTTP/1.1", "proxy-authorization: bearer t"))
        #expect((bearer.host, bearer.port, bearer.token) == ("::1", 22, "t"))
    }

    @Test("A plain request is sent on in origin form, for the host that was checked, without the token")
    func plain() throws {
        let request = try ProxyRequest(
            head: Self.head(
                "GET http://Example.com/a?b=c HTTP/1.1",
                "Host: other.example",
                "Accept: */*",
                "Proxy-Authorization: Bearer t",
                "Proxy-Connection: keep-alive"
            )
        )
        #expect((request.host, request.port, request.isTunnel) == ("example.com", 80, false))
        #expect(
            request.forwardedHead
                == "GET /a?b=c HTTP/1.1\r\nhost: Example.com\r\naccept: */*\r\nconnection: close\r\n\r\n"
        )
        #expect(try ProxyRequest(head: "GET http://h:8080 HTTP/1.0").port == 8080)
        #expect(try ProxyRequest(head: "GET http://h?q HTTP/1.1").forwardedHead.hasPrefix("GET /?q HTTP/1.1\r\n"))
        #expect(try ProxyRequest(head: "GET http://h/ HTTP/1.1").token == nil)
    }

    @Test(
        "What is no request to a proxy is refused",
        arguments: [
            "", "GET / HTTP/1.1", "GET https://h/ HTTP/1.1", "CONNECT h HTTP/1.1", "CONNECT h:0 HTTP/1.1",
            "CONNECT h:65536 HTTP/1.1", "CONNECT :443 HTTP/1.1", "CONNECT h:443", "CONNECT a@h:443 HTTP/1.1",
            "CONNECT h:443 HTTP/2", "GET http:///x HTTP/1.1", "GET http://u:p@h/ HTTP/1.1",
            "GET http://h/ HTTP/1.1\r\n folded: x", "GET http://h/ HTTP/1.1\r\nno colon", "CONNECT [::1:443 HTTP/1.1",
            "GET http://h/ HTTP/1.1\r\nHost : evil", "GET http://h/ HTTP/1.1\r\nA: b\nHost: evil",
            "GET http://h\tx/ HTTP/1.1", "GET http://e\\h/ HTTP/1.1", "POST http://h/ HTTP/1.1\r\nContent-Length: x",
            "POST http://h/ HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2",
            "POST http://h/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 2",
        ]
    )
    func rejected(_ head: String) {
        #expect(throws: ProxyRequest.Mistake.self) { try ProxyRequest(head: head) }
    }
}
