import Foundation
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Egress

private let token = "Proxy-Authorization: Bearer secret\r\n\r\n"

@Suite(.timeLimit(.minutes(5))) struct EgressProxyTests {
    @Test("A listed tunnel carries bytes both ways and is recorded with their number")
    func tunnel() async throws {
        let cage = Cage(allow: ["127.0.0.1:PORT"])
        try await cage.run { proxy, port in
            let heard = try await Cage.exchange(
                proxy,
                ["CONNECT 127.0.0.1:\(port) HTTP/1.1\r\n" + token, "SSH-2.0-x\r\n"]
            )
            #expect(heard == "HTTP/1.1 200 Connection established\r\n\r\nSSH-2.0-x\r\n")
        }
        let decision = try #require(cage.decisions.withLock { $0.first })
        #expect((decision.bytesOut, decision.bytesIn) == (11, 11))
        guard case .allowed = decision.verdict else { return #expect(Bool(false), "\(decision)") }
    }

    @Test("A run that reads slowly gets the end of what a server said before it left")
    func slowReader() async throws {
        let cage = Cage(allow: ["127.0.0.1:PORT"])
        try await cage.run { _, port in
            // More than the socket holds, and no more than is written without waiting.
            let body = [UInt8](repeating: 7, count: 256 << 10)
            let descriptor = try Self.connect(cage.socketPath)
            defer { close(descriptor) }
            let head = Array("CONNECT 127.0.0.1:\(port) HTTP/1.1\r\n\(token)".utf8)
            let sent = try await NIOThreadPool.singleton.runIfActive {
                defer { shutdown(descriptor, Int32(SHUT_WR)) }
                return [head, body].map { (bytes: [UInt8]) in send(descriptor, bytes, bytes.count, 0) }
            }
            #expect(sent == [head.count, body.count])
            // Long enough for a proxy that does not wait to be done with it.
            for _ in 0..<50 where cage.decisions.withLock({ $0.isEmpty }) {
                try await Task.sleep(for: .milliseconds(10))
            }
            let count = try await NIOThreadPool.singleton.runIfActive {
                var count = 0
                var buffer = [UInt8](repeating: 0, count: 64 << 10)
                while case let more = recv(descriptor, &buffer, buffer.count, 0), more > 0 { count += more }
                return count
            }
            #expect(count == "HTTP/1.1 200 Connection established\r\n\r\n".utf8.count + body.count)
        }
    }

    @Test("A connection whose client is cut off ends at once, though the server says nothing")
    func cutOff() async throws {
        let cage = Cage(allow: ["127.0.0.1:PORT"])
        try await cage.run { _, port in
            let descriptor = try Self.connect(cage.socketPath)
            let head = Array("CONNECT 127.0.0.1:\(port) HTTP/1.1\r\n\(token)".utf8)
            try await NIOThreadPool.singleton.runIfActive {
                var first: UInt8 = 0
                // The rest of the answer stays unread, so that closing cuts the connection off.
                _ = (send(descriptor, head, head.count, 0), recv(descriptor, &first, 1, 0), close(descriptor))
            }
            while cage.decisions.withLock({ $0.isEmpty }) { try await Task.sleep(for: .milliseconds(10)) }
        }
    }

    @Test("Connections that say nothing do not keep those of others away")
    func silence() async throws {
        let cage = Cage(allow: ["127.0.0.1:PORT"])
        try await cage.run { proxy, port in
            let silent = try await NIOThreadPool.singleton.runIfActive {
                try (0..<ConnectionCounts.strangersLimit + 8).map { _ in try Self.connect(cage.socketPath) }
            }
            defer { for descriptor in silent { close(descriptor) } }
            let heard = try await Cage.exchange(proxy, ["CONNECT 127.0.0.1:\(port) HTTP/1.1\r\n" + token, "hi"])
            #expect(heard.hasSuffix("\r\n\r\nhi"))
        }
    }

    /// A connection that only does what the test says.
    private static func connect(_ path: String) throws -> Int32 {
        #if canImport(Glibc)
            let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        #else
            let descriptor = socket(AF_UNIX, SOCK_STREAM, 0)
        #endif
        let address = try SocketAddress(unixDomainSocketPath: path)
        let result = address.withSockAddr { Foundation.connect(descriptor, $0, socklen_t($1)) }
        guard result == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        return descriptor
    }

    @Test("A plain request goes to the host that was checked")
    func plain() async throws {
        let cage = Cage(allow: ["127.0.0.1:PORT"])
        try await cage.run { proxy, port in
            let heard = try await Cage.exchange(
                proxy,
                ["GET http://127.0.0.1:\(port)/x HTTP/1.1\r\nHost: other\r\n" + token]
            )
            #expect(heard == "GET /x HTTP/1.1\r\nhost: 127.0.0.1:\(port)\r\nconnection: close\r\n\r\n")
        }
    }

    @Test("Behind a plain request its body is sent on and nothing more, for a second request could name another host")
    func secondRequest() async throws {
        let cage = Cage(allow: ["127.0.0.1:PORT"])
        try await cage.run { proxy, port in
            let head = "POST http://127.0.0.1:\(port)/ HTTP/1.1\r\nContent-Length: 4\r\n" + token
            let heard = try await Cage.exchange(proxy, [head, "bodyGET / HTTP/1.1\r\nHost: evil\r\n\r\n"])
            #expect(heard.hasSuffix("\r\n\r\nbody"))
            let chunked = "POST http://127.0.0.1:\(port)/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + token
            #expect(try await Cage.exchange(proxy, [chunked]).hasPrefix("HTTP/1.1 411 "))
        }
    }

    @Test("A tunnel to a host without a port in its entry carries TLS only")
    func plainTunnel() async throws {
        let cage = Cage(allow: ["friend.example", "127.0.0.0/8"], addresses: ["127.0.0.1"])
        let inspection = TunnelInspection(host: "friend.example", carriesAnything: false)
        #expect(inspection.judge(Array("GET / HTTP/1.1\r\n".utf8), isAtEnd: false) == .refused(.notTLS))
        #expect(inspection.judge([], isAtEnd: true) == .passes)
        #expect(inspection.judge([0x16, 3], isAtEnd: false) == .undecided)
        #expect(inspection.judge([0x16, 3], isAtEnd: true) == .refused(.notTLS))
        try await cage.run { proxy, port in
            // The port of the repeating server is on no list.
            let heard = try await Cage.exchange(proxy, ["CONNECT friend.example:\(port) HTTP/1.1\r\n" + token])
            #expect(heard.hasPrefix("HTTP/1.1 403 "))
        }
    }

    @Test("The gateway needs no entry, whatever port a run knows it by, and connections to it leave no record")
    func gateway() async throws {
        let cage = Cage(allow: [], gateway: EgressEndpoint(host: "gateway", socketPath: "/nowhere"))
        try await cage.run { proxy, _ in
            // Nobody listens behind the socket.
            for port in [8080, 3000] {
                let heard = try await Cage.exchange(proxy, ["CONNECT gateway:\(port) HTTP/1.1\r\n" + token])
                #expect(heard.hasPrefix("HTTP/1.1 502 "))
            }
        }
        #expect(cage.decisions.withLock { $0.map(\.verdict) } == [.refused(.unreachable), .refused(.unreachable)])
    }

    @Test("A name with one private address among public ones is refused")
    func mixedAddresses() async throws {
        let cage = Cage(allow: ["friend.example"], addresses: ["93.184.216.34", "10.0.0.1"])
        try await cage.run { proxy, _ in
            let heard = try await Cage.exchange(proxy, ["CONNECT friend.example:443 HTTP/1.1\r\n" + token])
            #expect(heard.hasPrefix("HTTP/1.1 403 "))
        }
    }

    @Test("Without the run's token nothing is opened")
    func tokens() async throws {
        try await Cage(allow: ["127.0.0.1:PORT"]).run { proxy, port in
            for field in ["", "Proxy-Authorization: Bearer wrong\r\n"] {
                let heard = try await Cage.exchange(proxy, ["CONNECT 127.0.0.1:\(port) HTTP/1.1\r\n\(field)\r\n"])
                #expect(heard.hasPrefix("HTTP/1.1 407 "))
            }
        }
    }

    @Test("What is not listed is refused with the entry to add")
    func notListed() async throws {
        let cage = Cage(allow: ["api.github.com"])
        try await cage.run { proxy, _ in
            let heard = try await Cage.exchange(proxy, ["CONNECT evil.example:443 HTTP/1.1\r\n" + token])
            #expect(heard.hasPrefix("HTTP/1.1 403 "))
            #expect(heard.contains("add \"evil.example\" to allow"))
        }
        #expect(cage.decisions.withLock { $0.map(\.verdict) } == [.refused(.notListed)])
    }

    @Test(
        "A listed name that leads to this machine, its network or the metadata address is refused",
        arguments: ["127.0.0.1", "169.254.169.254", "10.0.0.1", "::1", "fd00::1", "::ffff:127.0.0.1"]
    )
    func rebinding(_ address: String) async throws {
        let cage = Cage(allow: ["friend.example"], addresses: [address])
        try await cage.run { proxy, _ in
            let heard = try await Cage.exchange(proxy, ["CONNECT friend.example:443 HTTP/1.1\r\n" + token])
            #expect(heard.hasPrefix("HTTP/1.1 403 "))
        }
        #expect(cage.decisions.withLock { $0.map(\.verdict) } == [.refused(.notPublic)])
    }

    @Test("A TLS client must ask for the host that was checked")
    func fronting() async throws {
        let cage = Cage(allow: ["friend.example:PORT", "127.0.0.1:PORT"])
        try await cage.run { proxy, port in
            let connect = "CONNECT friend.example:\(port) HTTP/1.1\r\n" + token
            let good = try await Cage.exchange(proxy, [connect], then: HelloBytes.make("friend.example"))
            #expect(good.utf8.count > 60)
            for name in ["evil.example", nil] {
                let heard = try await Cage.exchange(proxy, [connect], then: HelloBytes.make(name))
                #expect(heard == "HTTP/1.1 200 Connection established\r\n\r\n")
            }
        }
        let verdicts = cage.decisions.withLock { $0.map(\.verdict) }
        #expect(verdicts.filter { $0 == .refused(.wrongName) }.count == 2)
    }

    @Test("Garbage is answered or dropped, never obeyed")
    func garbage() async throws {
        let cage = Cage(allow: ["127.0.0.1:PORT"])
        try await cage.run { proxy, _ in
            for text in ["GET / HTTP/1.1\r\n\r\n", "\r\n\r\n", "CONNECT"] {
                let heard = try await Cage.exchange(proxy, [text])
                #expect(heard.hasPrefix("HTTP/1.1 400 "))
            }
        }
        #expect(cage.decisions.withLock { $0.isEmpty })
    }
}
