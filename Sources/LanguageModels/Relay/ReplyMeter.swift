import Domain
import NIOCore

/// Reads along what a reply costs while it passes.
protocol ReplyMeter: Sendable {
    mutating func read(_ bytes: ByteBuffer)
    /// What the provider has counted so far; `nil` = nothing.
    var usage: TokenUsage? { get }
    /// Whether the format's own end mark has passed.
    var isOver: Bool { get }
}

extension WireFormat {
    /// A meter for one reply.
    func meter() -> any ReplyMeter {
        let request = ModelRequest(system: "", messages: [], tools: [])
        return StreamMeter(assembler: exchange(for: request, without: []).assembler)
    }
}

/// Assembles the reply once more, for its counts.
private struct StreamMeter<Assembler: ReplyAssembler>: ReplyMeter {
    var assembler: Assembler
    private var parser = SSEParser()
    private var isReadable = true
    private(set) var isOver = false

    init(assembler: Assembler) { self.assembler = assembler }

    var usage: TokenUsage? { assembler.usage }

    mutating func read(_ bytes: ByteBuffer) {
        guard isReadable else { return }
        do {
            for event in try parser.feed(bytes.readableBytesView) {
                if try assembler.take(event, emit: { _ in }) { isOver = true }
            }
        } catch {
            // What is wrong with the stream is for the run to say; its counts end here.
            isReadable = false
        }
    }
}
