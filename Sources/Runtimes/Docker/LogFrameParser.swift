/// Takes the engine's multiplexed output apart.
///
/// A frame is: byte 0 stream (1 stdout, 2 stderr), bytes 1–3 zero, bytes 4–7 length (big-endian), payload (Docker Engine API,
/// "attach to a container"). Pieces of the HTTP body may cut frames anywhere.
struct LogFrameParser: Sendable {
    /// A payload of one stream.
    struct Frame: Hashable, Sendable {
        var stream: OutputLine.Stream
        var payload: [UInt8]
    }

    private var buffer: [UInt8] = []

    private static let headerLength = 8

    /// Takes a piece and returns the frames it completes.
    mutating func append(_ bytes: some Sequence<UInt8>) -> [Frame] {
        buffer.append(contentsOf: bytes)
        var frames: [Frame] = []
        var start = 0
        while buffer.count - start >= Self.headerLength {
            let length = buffer[start + 4..<start + 8].reduce(0) { $0 << 8 | Int($1) }
            let payload = start + Self.headerLength
            guard buffer.count - payload >= length else { break }
            let stream: OutputLine.Stream = buffer[start] == 2 ? .standardError : .standardOutput
            frames.append(Frame(stream: stream, payload: Array(buffer[payload..<payload + length])))
            start = payload + length
        }
        buffer.removeFirst(start)
        return frames
    }
}
