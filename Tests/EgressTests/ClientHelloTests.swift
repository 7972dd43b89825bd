import TestSupport
import Testing

@testable import Egress

/// Bytes of a ClientHello.
enum HelloBytes {
    /// A hello of TLS 1.2 form that asks for a name, in records of at most so many bytes.
    static func make(_ name: String?, recordLimit: Int = 16384) -> [UInt8] {
        var extensions: [UInt8] = [0, 23, 0, 0]
        if let name {
            let bytes = Array(name.utf8)
            extensions += [0, 0] + two(bytes.count + 5) + two(bytes.count + 3) + [0] + two(bytes.count) + bytes
        }
        let body: [UInt8] =
            [3, 3] + [UInt8](repeating: 7, count: 32) + [0] + two(2) + [0x13, 1] + [1, 0] + two(extensions.count)
            + extensions
        let message = [1, 0] + two(body.count) + body
        return stride(from: 0, to: message.count, by: recordLimit).flatMap { start in
            let part = message[start..<min(message.count, start + recordLimit)]
            return [0x16, 3, 1] + two(part.count) + part
        }
    }

    private static func two(_ number: Int) -> [UInt8] { [UInt8(number >> 8), UInt8(number & 0xFF)] }
}

@Suite struct ClientHelloTests {
    @Test("The name is read, in one record or in many")
    func name() {
        #expect(ClientHello.read(HelloBytes.make("API.example.com")) == .hello(serverName: "api.example.com"))
        #expect(ClientHello.read(HelloBytes.make("a.io", recordLimit: 3)) == .hello(serverName: "a.io"))
        #expect(ClientHello.read(HelloBytes.make(nil)) == .hello(serverName: nil))
    }

    @Test("Any beginning of a hello asks for more")
    func incomplete() {
        let bytes = HelloBytes.make("a.io", recordLimit: 40)
        for count in 0..<bytes.count { #expect(ClientHello.read(Array(bytes.prefix(count))) == .incomplete) }
    }

    @Test("Other protocols are told apart")
    func others() {
        #expect(ClientHello.read(Array("SSH-2.0-OpenSSH_9.2\r\n".utf8)) == .notTLS)
        #expect(ClientHello.read(Array("GET / HTTP/1.1\r\n".utf8)) == .notTLS)
        #expect(ClientHello.read([0x16, 2, 0, 0, 1, 0]) == .notTLS)
        #expect(ClientHello.read([0x16, 3, 1, 0, 4, 2, 0, 0, 0]) == .hello(serverName: nil))
    }

    @Test("Changed bytes never crash and never invent a name")
    func mutated() {
        var random = SeededGenerator(state: 11)
        let original = HelloBytes.make("api.example.com")
        for _ in 0..<20_000 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            if case .hello(let name?) = ClientHello.read(bytes) { #expect(!name.isEmpty) }
        }
    }
}
