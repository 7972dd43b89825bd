package import NIOCore
package import NIOWebSocket

/// Puts the frames of one direction of a WebSocket together to messages (RFC 6455, sections 5 to 7).
///
/// Only text is spoken here.
package struct WebSocketMessages {
    /// What is to be done about a frame.
    package enum Step: Equatable, Sendable {
        case nothing
        case message(String)
        /// To be sent back.
        case pong(ByteBuffer)
        /// The other side ends it, or broke a rule.
        case close(WebSocketClosure)
    }

    private static let controlLimit = 125

    private let limit: Int
    private let expectsMask: Bool
    /// Of the message whose end has not come; `nil` = none has begun.
    private var gathered: ByteBuffer?

    /// Nothing has come yet.
    ///
    /// - Parameters:
    ///   - limit: most bytes of a message.
    ///   - expectsMask: what comes is masked, as it is from clients.
    package init(limit: Int, expectsMask: Bool) {
        self.limit = limit
        self.expectsMask = expectsMask
    }

    /// Takes in the next frame.
    package mutating func take(_ frame: WebSocketFrame) -> Step {
        guard (frame.maskKey != nil) == expectsMask else { return .violation("wrong masking") }
        guard !frame.rsv1, !frame.rsv2, !frame.rsv3 else { return .violation("a reserved bit is set") }
        let data = frame.unmaskedData
        switch frame.opcode {
        case .text, .continuation: return take(data, begins: frame.opcode == .text, ends: frame.fin)
        case .binary: return .close(WebSocketClosure(.unacceptableData, "only text is understood"))
        case .ping, .pong, .connectionClose:
            guard frame.fin, data.readableBytes <= Self.controlLimit else { return .violation("broken control frame") }
            return control(frame.opcode, data)
        default: return .violation("unknown kind of frame")
        }
    }

    private mutating func take(_ data: ByteBuffer, begins: Bool, ends: Bool) -> Step {
        guard begins == (gathered == nil) else { return .violation("messages are mixed up") }
        var message = gathered ?? ByteBuffer()
        guard message.readableBytes + data.readableBytes <= limit else {
            return .close(WebSocketClosure(.messageTooLarge, "a message has at most \(limit) bytes"))
        }
        message.writeImmutableBuffer(data)
        guard ends else {
            gathered = message
            return .nothing
        }
        gathered = nil
        guard let text = String(validating: message.readableBytesView, as: UTF8.self) else {
            return .close(WebSocketClosure(.inconsistentData, "text must be UTF-8"))
        }
        return .message(text)
    }

    private func control(_ opcode: WebSocketOpcode, _ data: ByteBuffer) -> Step {
        switch opcode {
        case .ping: return .pong(data)
        case .connectionClose:
            var data = data
            guard data.readableBytes != 1 else { return .violation("broken control frame") }
            guard let code = data.readInteger(as: UInt16.self) else { return .close(.finished) }
            return .close(WebSocketClosure(.init(rawValue: code), String(buffer: data)))
        default: return .nothing
        }
    }
}

extension WebSocketMessages.Step {
    fileprivate static func violation(_ reason: String) -> Self { .close(WebSocketClosure(.protocolError, reason)) }
}
