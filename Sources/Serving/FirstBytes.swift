import NIOCore

/// Stands at the beginning of a new connection's pipeline until the first bytes tell what the connection is, and then goes.
///
/// What it has seen by then goes down the pipeline that was made meanwhile, so that nothing behind it notices it.
final class FirstBytes<Kind: Sendable>: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let sign: [UInt8]
    private let patience: TimeAmount
    private let result: EventLoopPromise<Kind>
    private let prepare: (_ hasSign: Bool) -> EventLoopFuture<Kind>
    private var gathered = ByteBuffer()
    private var isDecided = false
    private var timeout: Scheduled<Void>?

    /// Waits for a sign.
    ///
    /// - Parameters:
    ///   - sign: what connections of the one kind begin with.
    ///   - patience: how long the first bytes may take.
    ///   - result: told what was prepared, or that the connection ended before.
    ///   - prepare: makes the pipeline; called on the event loop, once.
    init(
        sign: [UInt8],
        patience: TimeAmount,
        result: EventLoopPromise<Kind>,
        prepare: @escaping (_ hasSign: Bool) -> EventLoopFuture<Kind>
    ) {
        self.sign = sign
        self.patience = patience
        self.result = result
        self.prepare = prepare
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let channel = context.channel
        timeout = context.eventLoop.scheduleTask(in: patience) { channel.close(promise: nil) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        gathered.writeImmutableBuffer(unwrapInboundIn(data))
        let common = min(sign.count, gathered.readableBytes)
        let isLike = gathered.readableBytesView.prefix(common).elementsEqual(sign.prefix(common))
        guard !isLike || common == sign.count else { return }
        decide(hasSign: isLike, context)
    }

    private func decide(hasSign: Bool, _ context: ChannelHandlerContext) {
        guard !isDecided else { return }
        isDecided = true
        timeout?.cancel()
        prepare(hasSign).cascade(to: result)
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        giveUp()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent: context.close(promise: nil)
        case ChannelEvent.inputClosed where gathered.readableBytes > 0:
            // No more comes that could make it anything else; who parses it has an answer.
            let pipeline = context.pipeline.syncOperations
            decide(hasSign: false, context)
            return pipeline.fireUserInboundEventTriggered(event)
        case ChannelEvent.inputClosed: context.close(promise: nil)
        default: break
        }
        context.fireUserInboundEventTriggered(event)
    }

    func removeHandler(context: ChannelHandlerContext, removalToken: ChannelHandlerContext.RemovalToken) {
        if gathered.readableBytes > 0 {
            context.fireChannelRead(wrapInboundOut(gathered))
            context.fireChannelReadComplete()
        }
        context.leavePipeline(removalToken: removalToken)
    }

    func handlerRemoved(context: ChannelHandlerContext) { giveUp() }

    private func giveUp() {
        timeout?.cancel()
        guard !isDecided else { return }
        isDecided = true
        result.fail(ChannelError.eof)
    }
}
