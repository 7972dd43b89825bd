/// One event of a `text/event-stream` body.
package struct ServerSentEvent: Hashable, Sendable {
    /// The `event` field; empty when the server named none.
    package var name: String
    /// The `data` lines, joined by line feeds.
    package var data: String
}

/// A body that is no usable event stream.
package struct SSEError: Error, Hashable, Sendable {
    /// What is wrong with it.
    package let reason: String
}

/// Takes an event stream apart, however its bytes are split (WHATWG HTML, "Server-sent events").
package struct SSEParser: Sendable {
    private var line: [UInt8] = []
    private var data: [UInt8] = []
    private var hasData = false
    private var name = ""
    private var followsCarriageReturn = false
    private var isFirstLine = true
    private let limit: Int

    /// An event larger than the limit (bytes) is an error.
    package init(limit: Int = 8 << 20) {
        self.limit = limit
    }

    /// Takes the next bytes and returns the events they complete.
    ///
    /// - Throws: ``SSEError`` when an event exceeds the limit.
    package mutating func feed(_ bytes: some Sequence<UInt8>) throws(SSEError) -> [ServerSentEvent] {
        var events: [ServerSentEvent] = []
        for byte in bytes {
            if byte == 0x0A, followsCarriageReturn {
                followsCarriageReturn = false
                continue
            }
            followsCarriageReturn = byte == 0x0D
            if byte == 0x0A || byte == 0x0D {
                if let event = endLine() { events.append(event) }
            } else {
                line.append(byte)
                guard line.count + data.count <= limit else {
                    throw SSEError(reason: "an event of the stream is larger than \(limit) bytes")
                }
            }
        }
        return events
    }

    /// Ends the stream; an event that lacks only its blank line counts.
    package mutating func finish() -> ServerSentEvent? {
        if !line.isEmpty, let event = endLine() { return event }
        return dispatch()
    }

    private mutating func endLine() -> ServerSentEvent? {
        var text = line[...]
        line = []
        if isFirstLine, text.starts(with: [0xEF, 0xBB, 0xBF]) { text = text.dropFirst(3) }
        isFirstLine = false
        guard !text.isEmpty else { return dispatch() }
        let colon = text.firstIndex(of: UInt8(ascii: ":")) ?? text.endIndex
        var value = text[colon...].dropFirst()
        if value.first == 0x20 { value = value.dropFirst() }
        switch String(decoding: text[..<colon], as: UTF8.self) {
        case "data":
            if hasData { data.append(0x0A) }
            data.append(contentsOf: value)
            hasData = true
        case "event": name = String(decoding: value, as: UTF8.self)
        default: break
        }
        return nil
    }

    private mutating func dispatch() -> ServerSentEvent? {
        defer {
            data = []
            hasData = false
            name = ""
        }
        guard hasData else { return nil }
        return ServerSentEvent(name: name, data: String(decoding: data, as: UTF8.self))
    }
}
