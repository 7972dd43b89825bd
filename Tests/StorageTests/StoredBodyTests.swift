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

    @Test("many that are stored at once do not disturb each other")
    func together() async {
        await withTaskGroup(of: Bool.self) { group in
            for seed in 0..<200 {
                group.addTask {
                    var generator = SeededGenerator(state: UInt64(seed))
                    // Every fourth is noise, for which there is no room: what it leaves behind must not matter to the next.
                    let letters: ClosedRange<UInt8> = seed.isMultiple(of: 4) ? 0...255 : 97...100
                    let body = (0..<20_000).map { _ in UInt8.random(in: letters, using: &generator) }
                    let stored = StoredBody(body)
                    let form: StoredBody.Form = seed.isMultiple(of: 4) ? .asReceived : .zstd
                    return stored.form == form && stored.received(count: body.count) == body
                }
            }
            for await isWhole in group { #expect(isWhole) }
        }
    }

    @Test("a damaged one is noticed")
    func damaged() {
        let body = Array(String(repeating: "name: value\n", count: 1000).utf8)
        let whole = StoredBody(body)
        func isNoticed(_ bytes: Data, count: Int) -> Bool {
            StoredBody(form: .zstd, bytes: bytes).received(count: count) == nil
        }
        #expect(!isNoticed(whole.bytes, count: body.count))
        #expect(isNoticed(whole.bytes, count: body.count - 1) && isNoticed(whole.bytes, count: body.count + 1))
        #expect(isNoticed(whole.bytes.dropLast(3), count: body.count) && isNoticed(Data(), count: body.count))
        for index in whole.bytes.indices {
            var bytes = whole.bytes
            bytes[index] ^= 0x20
            // Reserved bits of the head mean nothing.
            let result = StoredBody(form: .zstd, bytes: bytes).received(count: body.count)
            #expect(result == nil || result == body, "byte \(index)")
        }
    }
}
