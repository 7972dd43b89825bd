/// Makes output lines of frames that carry a time stamp before each line.
struct LogLineAssembler: Sendable {
    private struct Open: Sendable {
        var line = LineBuffer()
        var stamp: LogTimestamp?
        var head: [UInt8] = []
    }

    /// Lines up to here were delivered earlier.
    private let resumeAfter: LogPosition?
    private var streams: [OutputLine.Stream: Open] = [:]
    /// Behind the line with the newest stamp that was read.
    private var read: LogPosition?
    /// Position behind the last line handed out.
    private(set) var last: LogPosition?

    /// Begins at the position where an earlier reader stopped; the log must come from that position's stamp on.
    init(resumeAfter: LogPosition?) {
        self.resumeAfter = resumeAfter
        last = resumeAfter
    }

    /// Takes a frame and returns the lines it completes.
    mutating func append(_ frame: LogFrameParser.Frame) -> [OutputLine] {
        var open = streams[frame.stream] ?? Open()
        defer { streams[frame.stream] = open }
        var lines: [OutputLine] = []
        var rest = frame.payload[...]
        // A line may come in parts, each with a time stamp before it: Docker cuts long lines and repeats the line's stamp, Podman
        // sends what was written at once and says when. A reader that resumes there may be given the last part alone, so that
        // part's stamp is the line's.
        if open.stamp != nil, let blank = rest.firstIndex(of: UInt8(ascii: " ")),
            let stamp = LogTimestamp(rfc3339: String(decoding: rest[..<blank], as: UTF8.self))
        {
            open.stamp = stamp
            rest = rest[(blank + 1)...]
        }
        while !rest.isEmpty {
            if open.stamp == nil {
                guard let blank = rest.firstIndex(of: UInt8(ascii: " ")) else {
                    open.head += rest
                    break
                }
                open.head += rest[..<blank]
                rest = rest[(blank + 1)...]
                open.stamp = LogTimestamp(rfc3339: String(decoding: open.head, as: UTF8.self)) ?? last?.stamp
                open.head = []
            }
            let end = rest.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? rest.endIndex
            var text: String?
            open.line.append(rest[..<end]) { line, _ in text = line }
            rest = rest[end...]
            if let text, let line = finish(&open, text: text, stream: frame.stream) { lines.append(line) }
        }
        return lines
    }

    /// Lines that the end of the output left without newline.
    mutating func finish() -> [OutputLine] {
        var lines: [OutputLine] = []
        for stream in [OutputLine.Stream.standardOutput, .standardError] {
            guard var open = streams[stream], let text = open.line.finish() else { continue }
            if let line = finish(&open, text: text, stream: stream) { lines.append(line) }
            streams[stream] = open
        }
        return lines
    }

    private mutating func finish(_ open: inout Open, text: String, stream: OutputLine.Stream) -> OutputLine? {
        let stamp = open.stamp ?? last?.stamp ?? LogTimestamp(seconds: 0, nanoseconds: 0)
        open.stamp = nil
        let position = read?.advanced(to: stamp) ?? LogPosition(stamp: stamp)
        if stamp >= read?.stamp ?? stamp { read = position }
        if let resumeAfter, stamp < resumeAfter.stamp { return nil }
        if let resumeAfter, stamp == resumeAfter.stamp, position.count <= resumeAfter.count { return nil }
        if stamp >= last?.stamp ?? stamp { last = position }
        return OutputLine(stream: stream, text: text, position: position.text)
    }
}
