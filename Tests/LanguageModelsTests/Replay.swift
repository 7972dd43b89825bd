import Testing

@testable import LanguageModels

/// Plays a recorded stream into an assembler.
enum Replay {
    /// Feeds the stream in pieces.
    static func play<Assembler: ReplyAssembler>(
        _ pieces: [ArraySlice<UInt8>],
        _ assembler: Assembler,
        log: EventLog = EventLog()
    ) throws -> AssembledReply {
        var assembler = assembler
        var parser = SSEParser()
        for piece in pieces {
            for event in try parser.feed(piece) where try assembler.take(event, emit: log.add) {
                return try assembler.finish(emit: log.add)
            }
        }
        if let last = parser.finish() { _ = try assembler.take(last, emit: log.add) }
        return try assembler.finish(emit: log.add)
    }

    /// Plays a stream whole, byte by byte and in every two-way split; all have to give the same.
    static func everyWay<Assembler: ReplyAssembler>(
        _ stream: String,
        _ assembler: Assembler
    ) throws -> (reply: AssembledReply, events: [ModelEvent]) {
        let bytes = Array(stream.utf8)
        let log = EventLog()
        let whole = try play([bytes[...]], assembler, log: log)
        let single = try play(bytes.indices.map { bytes[$0...$0] }, assembler)
        #expect(single == whole)
        for cut in bytes.indices {
            let split = try play([bytes[..<cut], bytes[cut...]], assembler)
            guard split != whole else { continue }
            Issue.record("split at byte \(cut) gives another reply")
            break
        }
        return (whole, log.all)
    }

    /// A stream of events with nothing but data.
    static func stream(_ events: [String]) -> String { events.map { "data: \($0)\n\n" }.joined() }

    /// What a broken stream throws.
    static func failure<Assembler: ReplyAssembler>(_ stream: String, _ assembler: Assembler) -> StreamFailure? {
        do {
            _ = try play([Array(stream.utf8)[...]], assembler)
            return nil
        } catch {
            return error as? StreamFailure
        }
    }
}
