import NIOCore
import NIOWebSocket
import Serving
import TestSupport
import Testing

@Suite("Frames of a WebSocket become messages")
struct WebSocketMessagesTests {
    private static let mask: WebSocketMaskingKey = [1, 2, 3, 4]

    /// A frame as a client sends it.
    private static func frame(_ opcode: WebSocketOpcode, _ text: String, fin: Bool = true, masked: Bool = true)
        -> WebSocketFrame
    {
        frame(opcode, ByteBuffer(string: text), fin: fin, masked: masked)
    }

    private static func frame(_ opcode: WebSocketOpcode, _ data: ByteBuffer, fin: Bool = true, masked: Bool = true)
        -> WebSocketFrame
    {
        var data = data
        if masked { data.webSocketMask(mask) }
        return WebSocketFrame(fin: fin, opcode: opcode, maskKey: masked ? mask : nil, data: data)
    }

    private static func closing(_ code: WebSocketClosure.Code, _ reason: String) -> WebSocketFrame {
        var data = ByteBuffer()
        data.writeInteger(code.rawValue)
        data.writeString(reason)
        return frame(.connectionClose, data)
    }

    private func steps(_ frames: [WebSocketFrame], limit: Int = 16) -> [WebSocketMessages.Step] {
        var messages = WebSocketMessages(limit: limit, expectsMask: true)
        return frames.map { messages.take($0) }
    }

    private func code(_ frames: [WebSocketFrame], limit: Int = 16) -> WebSocketClosure.Code? {
        guard case .close(let closure)? = steps(frames, limit: limit).last else { return nil }
        return closure.code
    }

    @Test("a message is one frame, or several with pings between them")
    func messages() {
        #expect(steps([Self.frame(.text, "hé")]) == [.message("hé")])
        let frames = [
            Self.frame(.text, "a", fin: false), Self.frame(.ping, "?"), Self.frame(.continuation, "", fin: false),
            Self.frame(.pong, ""), Self.frame(.continuation, "b"), Self.frame(.text, ""),
        ]
        #expect(
            steps(frames) == [
                .nothing, .pong(ByteBuffer(string: "?")), .nothing, .nothing, .message("ab"), .message(""),
            ]
        )
    }

    @Test("a message may have as many bytes as the limit and no more, in however many frames")
    func limit() {
        let most = String(repeating: "x", count: 16)
        #expect(steps([Self.frame(.text, most)]) == [.message(most)])
        #expect(code([Self.frame(.text, most + "x")]) == .messageTooLarge)
        #expect(code([Self.frame(.text, most, fin: false), Self.frame(.continuation, "x")]) == .messageTooLarge)
    }

    @Test("each broken rule ends the connection with its code")
    func violations() {
        #expect(code([Self.frame(.text, "x", masked: false)]) == .protocolError)
        #expect(code([Self.frame(.continuation, "x")]) == .protocolError)
        #expect(code([Self.frame(.text, "x", fin: false), Self.frame(.text, "y")]) == .protocolError)
        #expect(code([Self.frame(.ping, "x", fin: false)]) == .protocolError)
        #expect(code([Self.frame(.ping, String(repeating: "x", count: 126))]) == .protocolError)
        #expect(code([Self.frame(.connectionClose, "x")]) == .protocolError)
        #expect(code([Self.frame(.binary, "x")]) == .unacceptableData)
        #expect(code([Self.frame(.text, ByteBuffer(bytes: [0xC3]))]) == .inconsistentData)
        let reserved = WebSocketFrame(fin: true, rsv1: true, opcode: .text, maskKey: Self.mask, data: ByteBuffer())
        #expect(code([reserved]) == .protocolError)
    }

    @Test("the other side says why it ends, or only that it does")
    func closing() {
        #expect(steps([Self.closing(.goingAway, "bye")]) == [.close(WebSocketClosure(.goingAway, "bye"))])
        #expect(steps([Self.frame(.connectionClose, "")]) == [.close(.finished)])
    }

    @Test("frames in any order end in messages below the limit or in an end, and never in a crash", arguments: 1...20)
    func anything(seed: UInt64) {
        var random = SeededGenerator(state: seed)
        for _ in 0..<200 {
            var messages = WebSocketMessages(limit: 64, expectsMask: true)
            for _ in 0..<10 {
                let opcode = WebSocketOpcode(encodedWebSocketOpcode: UInt8.random(in: 0...15, using: &random)) ?? .text
                let bytes = (0..<Int.random(in: 0...140, using: &random)).map { _ in
                    UInt8.random(in: .min ... .max, using: &random)
                }
                let step = messages.take(Self.frame(opcode, ByteBuffer(bytes: bytes), fin: .random(using: &random)))
                if case .message(let text) = step { #expect(text.utf8.count <= 64) }
                if case .close(let closure) = step {
                    #expect(closure.reason.utf8.count <= 123 || opcode == .connectionClose)
                }
            }
        }
    }
}
