import NIOCore
import Terminal

/// Puts the bytes of the terminal together to keys; an Esc alone is known after a moment without another byte.
final class KeyHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = Key

    /// How long the bytes of one key may be apart, over a slow line too.
    private static let patience = TimeAmount.milliseconds(50)

    private var decoder = KeyDecoder()
    private var timer: Scheduled<Void>?

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        timer?.cancel()
        for byte in unwrapInboundIn(data).readableBytesView {
            if let key = decoder.take(byte) { context.fireChannelRead(wrapInboundOut(key)) }
        }
        guard decoder.isUndecided else { return }
        let loopBound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleTask(in: Self.patience) {
            let (handler, context) = loopBound.value
            guard let key = handler.decoder.flush() else { return }
            context.fireChannelRead(handler.wrapInboundOut(key))
            context.fireChannelReadComplete()
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) { timer?.cancel() }
}
