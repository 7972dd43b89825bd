import Domain
import Testing

@testable import LanguageModels

@Suite("Recorded streams")
struct StreamTests {
    @Test(
        "each stream gives its reply, however its bytes arrive",
        arguments: Fixture.names("Streams", ".sse")
    )
    func replies(name: String) throws {
        let stream = try Fixture.text("Streams/\(name).sse")
        let request = Samples.request([Samples.user("Go")])
        let info = Samples.info(.custom, "m", reasons: true)
        let result: JSONValue =
            switch name.prefix(while: { $0 != "-" }) {
            case "anthropic": try outcome(stream, AnthropicReply(info: info, request: request))
            case "responses": try outcome(stream, ResponsesReply(info: info, request: request))
            case "chat", "mistral", "llamacpp":
                try outcome(stream, ChatReply(info: info, request: request, random: { 0xABC }))
            case "google": try outcome(stream, GoogleReply(info: info, request: request))
            default: .null
            }
        try Fixture.expect(result, equals: "Streams/\(name).json")
    }

    @Test("there are streams of every format")
    func complete() {
        let formats = Set(Fixture.names("Streams", ".sse").map { $0.prefix { $0 != "-" } })
        #expect(formats.isSuperset(of: ["anthropic", "responses", "chat", "google", "mistral"]))
    }

    /// The reply, or what broke; the same whole, byte by byte and in every two-way split.
    private func outcome<Assembler: ReplyAssembler>(_ stream: String, _ assembler: Assembler) throws -> JSONValue {
        let bytes = Array(stream.utf8)
        func play(_ pieces: [ArraySlice<UInt8>]) throws -> JSONValue {
            do {
                return try Replay.play(pieces, assembler).json
            } catch let failure as StreamFailure {
                return failure.json
            }
        }
        let whole = try play([bytes[...]])
        #expect(try play(bytes.indices.map { bytes[$0...$0] }) == whole)
        // The assembler sees nothing but events: where these are the same, so is the reply.
        let events = try Self.events(bytes[...], [])
        for cut in bytes.indices {
            guard try Self.events(bytes[..<cut], bytes[cut...]) != events else { continue }
            Issue.record("split at byte \(cut) gives other events")
            break
        }
        return whole
    }

    private static func events(_ first: ArraySlice<UInt8>, _ second: ArraySlice<UInt8>) throws -> [ServerSentEvent] {
        var parser = SSEParser()
        return try parser.feed(first) + parser.feed(second) + [parser.finish()].compactMap { $0 }
    }
}
