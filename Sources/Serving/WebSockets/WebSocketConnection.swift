package import NIOCore
import NIOWebSocket
import Synchronization

/// One open WebSocket that carries texts, at either end.
package struct WebSocketConnection: Sendable {
    /// How often the other side is asked whether it is still there.
    private static let pingInterval = Duration.seconds(15)
    /// How many such intervals it may be silent.
    private static let patience = 3
    /// How long the other side may take to say goodbye.
    private static let farewell = TimeAmount.seconds(2)

    private let held: HeldChannel<WebSocketHandshake.Frames>
    private let limit: Int
    /// Makes the masks of a client; `nil` at the server's end.
    private let mask: (@Sendable () -> UInt64)?

    init(_ held: HeldChannel<WebSocketHandshake.Frames>, limit: Int, mask: (@Sendable () -> UInt64)? = nil) {
        self.held = held
        self.limit = limit
        self.mask = mask
    }

    /// Cuts the connection without a word.
    package func disconnect() { held.channel.close(promise: nil) }

    /// Sends and receives until one side ends it, or the task is cancelled.
    ///
    /// To be called once. What comes is handed over one by one, so that a slow reader slows the sender down; pings are answered, and
    /// a side that has gone silent is given up.
    ///
    /// - Parameters:
    ///   - outgoing: texts to send; their end ends the connection.
    ///   - clock: measures silence.
    ///   - onSent: called after each text was given to the network.
    ///   - onMessage: gets each text; throws ``WebSocketClosure`` to end the connection.
    /// - Returns: how it ended.
    package func exchange(
        _ outgoing: AsyncStream<ByteBuffer>,
        clock: any Clock<Duration>,
        onSent: @escaping @Sendable (ByteBuffer) -> Void = { _ in },
        onMessage: @escaping @Sendable (String) async throws -> Void
    ) async -> WebSocketClosure {
        let frames = held.take()
        let heard = Heard()
        do {
            return try await frames.executeThenClose { inbound, outbound in
                await withTaskGroup(of: Part.self) { group in
                    group.addTask { .received(await receive(inbound, outbound, heard, onMessage)) }
                    group.addTask { .sent(await send(outgoing, outbound, onSent)) }
                    group.addTask { .sent(await keepAlive(outbound, clock, heard)) }
                    let end = await group.next() ?? .sent(.lost)
                    let cut = cutLater()
                    await sayGoodbye(end.closure, outbound)
                    // Closed at once, the last words could be lost.
                    if end == .sent(.finished) { _ = await group.next() }
                    cut.cancel()
                    group.cancelAll()
                    return end.closure
                }
            }
        } catch {
            return .lost
        }
    }

    /// What ended first.
    private enum Part: Equatable {
        case received(WebSocketClosure)
        case sent(WebSocketClosure)

        var closure: WebSocketClosure {
            switch self {
            case .received(let closure), .sent(let closure): closure
            }
        }
    }

    /// Ends the connection by force, should the other side neither read nor go.
    private func cutLater() -> Scheduled<Void> {
        let channel = held.channel
        return channel.eventLoop.scheduleTask(in: Self.farewell) { channel.close(promise: nil) }
    }

    /// Counts frames of the other side.
    private final class Heard: Sendable {
        private let frames = Mutex(0)

        var count: Int { frames.withLock { $0 } }

        func note() { frames.withLock { $0 += 1 } }
    }

    private func receive(
        _ inbound: NIOAsyncChannelInboundStream<WebSocketFrame>,
        _ outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>,
        _ heard: Heard,
        _ onMessage: @Sendable (String) async throws -> Void
    ) async -> WebSocketClosure {
        var messages = WebSocketMessages(limit: limit, expectsMask: mask == nil)
        do {
            for try await frame in inbound {
                heard.note()
                switch messages.take(frame) {
                case .nothing: break
                case .message(let text): try await onMessage(text)
                case .pong(let data): try await outbound.write(self.frame(.pong, data))
                case .close(let closure): return closure
                }
            }
        } catch let closure as WebSocketClosure {
            return closure
        } catch {
            // What broke the connection does not matter: it is gone.
        }
        return Task.isCancelled ? .goingAway : .lost
    }

    private func send(
        _ outgoing: AsyncStream<ByteBuffer>,
        _ outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>,
        _ onSent: @Sendable (ByteBuffer) -> Void
    ) async -> WebSocketClosure {
        do {
            for await text in outgoing {
                try await outbound.write(frame(.text, text))
                onSent(text)
            }
        } catch {
            return .lost
        }
        return Task.isCancelled ? .goingAway : .finished
    }

    private func keepAlive(
        _ outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>,
        _ clock: any Clock<Duration>,
        _ heard: Heard
    ) async -> WebSocketClosure {
        var last = heard.count
        var silent = 0
        // The sleep fails only when the connection ends.
        while (try? await clock.sleep(for: Self.pingInterval)) != nil {
            let now = heard.count
            silent = now == last ? silent + 1 : 0
            last = now
            guard silent < Self.patience, (try? await outbound.write(frame(.ping, ByteBuffer()))) != nil else {
                return .lost
            }
        }
        return .goingAway
    }

    private func sayGoodbye(
        _ closure: WebSocketClosure,
        _ outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>
    ) async {
        guard let code = closure.code else { return }
        var data = ByteBuffer()
        data.writeInteger(code.rawValue)
        data.writeString(Self.fitting(closure.reason))
        let last = frame(.connectionClose, data)
        // A shield: the other side shall hear why although this task may be cancelled. It fails when nobody is there.
        await Task { try? await outbound.write(last) }.value
    }

    /// The beginning of a reason that fits into a control frame.
    private static func fitting(_ reason: String) -> String {
        var text = reason.prefix(123)
        while text.utf8.count > 123 { text.removeLast() }
        return String(text)
    }

    private func frame(_ opcode: WebSocketOpcode, _ data: ByteBuffer) -> WebSocketFrame {
        let key = mask.map { random -> WebSocketMaskingKey in
            let bits = random()
            return [
                UInt8(truncatingIfNeeded: bits), UInt8(truncatingIfNeeded: bits >> 8),
                UInt8(truncatingIfNeeded: bits >> 16), UInt8(truncatingIfNeeded: bits >> 24),
            ]
        }
        return WebSocketFrame(fin: true, opcode: opcode, maskKey: key, data: data)
    }
}
