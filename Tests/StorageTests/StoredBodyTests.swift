import FoundationEssentials
import TestSupport
import Testing

@testable import Storage

@Suite("Stored bodies")
struct StoredBodyTests {
    @Test("text takes less room, noise and short texts stay as they are")
    func sizes() {
        let text = StoredBody(Array(String(repeating: "name: value\n", count: 1000).utf8))
        #expect(text.form == .zstd && text.bytes.count < 1000)
        var generator = SeededGenerator(state: 1)
        let noise = (0..<5000).map { _ in UInt8.random(in: 0...255, using: &generator) }
        #expect(StoredBody(noise).form == .asReceived && StoredBody(noise).bytes.elementsEqual(noise))
        #expect(StoredBody(Array("ping".utf8)).form == .asReceived)
    }

    @Test("come back byte for byte", arguments: 0..<50)
    func roundTrip(seed: Int) {
        var generator = SeededGenerator(state: UInt64(seed))
        let letters = Int.random(in: 1...256, using: &generator)
        let body = (0..<Int.random(in: 0...200_000, using: &generator)).map { _ in
            UInt8(Int.random(in: 0..<letters, using: &generator))
        }
        #expect(StoredBody(body).received(count: body.count) == body)
    }

    @Test("a damaged one is noticed")
    func damaged() {
        let body = Array(String(repeating: "name: value\n", count: 1000).utf8)
        let stored = StoredBody(body)
        #expect(stored.received(count: body.count - 1) == nil && stored.received(count: body.count + 1) == nil)
        #expect(StoredBody(form: .zstd, bytes: stored.bytes.dropLast(3)).received(count: body.count) == nil)
        var bytes = stored.bytes
        bytes[bytes.count / 2] ^= 0x20
        #expect(StoredBody(form: .zstd, bytes: bytes).received(count: body.count) == nil)
        #expect(StoredBody(form: .zstd, bytes: Data()).received(count: body.count) == nil)
    }
}
