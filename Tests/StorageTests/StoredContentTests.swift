import FoundationEssentials
import TestSupport
import Testing

@testable import Storage

@Suite("What deliveries said, as it is stored")
struct StoredContentTests {
    private static let text = Array(String(repeating: "name: value\n", count: 1000).utf8)

    private func read(_ content: StoredContent, bodyBytes: Int) -> (body: [UInt8], context: String?)? {
        content.received(bodyBytes: bodyBytes).map { (Array($0.body), $0.context) }
    }

    @Test("text takes less room, noise and short texts stay as they are")
    func sizes() {
        let text = StoredContent(body: Self.text, context: nil)
        #expect(text.form == .zstd && text.bytes.count < 1000)
        var generator = SeededGenerator(state: 1)
        let noise = (0..<5000).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let stored = StoredContent(body: noise, context: nil)
        #expect(stored.form == .asReceived && stored.bytes.elementsEqual(noise))
        #expect(StoredContent(body: Array("ping".utf8), context: "{}").form == .asReceived)
    }

    @Test("a context that repeats what the body says takes next to no room")
    func repetition() {
        var generator = SeededGenerator(state: 2)
        let letters = (0..<8000).map { _ in UInt8.random(in: 97...122, using: &generator) }
        let context = String(decoding: letters[2000..<6000], as: UTF8.self)
        let alone = StoredContent(body: letters, context: nil).bytes.count
        #expect(StoredContent(body: letters, context: context).bytes.count < alone + 100)
    }

    @Test("come back byte for byte", arguments: 0..<50)
    func roundTrip(seed: Int) {
        var generator = SeededGenerator(state: UInt64(seed))
        let letters = Int.random(in: 1...256, using: &generator)
        let body = (0..<Int.random(in: 0...200_000, using: &generator)).map { _ in
            UInt8(Int.random(in: 0..<letters, using: &generator))
        }
        let context = seed.isMultiple(of: 3) ? nil : String(repeating: "{\"é\":1}", count: seed)
        let read = read(StoredContent(body: body, context: context), bodyBytes: body.count)
        #expect(read?.body == body)
        // An empty text is none.
        #expect(read?.context == (context == "" ? nil : context))
    }

    @Test("a context that is much longer than its body comes back")
    func longContext() {
        let context = String(repeating: "\\u007f", count: 11_200_000)
        let read = read(StoredContent(body: [1], context: context), bodyBytes: 1)
        #expect(read?.context == context)
    }

    @Test("bodies that earlier versions stored have no context")
    func earlier() {
        let body = Array("{\"a\":1}".utf8)
        let read = read(StoredContent(form: .asReceived, bytes: Data(body)), bodyBytes: body.count)
        #expect(read?.body == body && read?.context == nil)
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
                    let stored = StoredContent(body: body, context: nil)
                    let form: StoredContent.Form = seed.isMultiple(of: 4) ? .asReceived : .zstd
                    return stored.form == form && read(stored, bodyBytes: body.count)?.body == body
                }
            }
            for await isWhole in group { #expect(isWhole) }
        }
    }

    @Test("a damaged one is noticed")
    func damaged() {
        let body = Self.text
        let context = "{\"name\":\"value\"}"
        let whole = StoredContent(body: body, context: context)
        func isNoticed(_ bytes: Data, bodyBytes: Int = body.count) -> Bool {
            read(StoredContent(form: .zstd, bytes: bytes), bodyBytes: bodyBytes) == nil
        }
        #expect(!isNoticed(whole.bytes))
        #expect(isNoticed(whole.bytes, bodyBytes: body.count + context.utf8.count + 1))
        #expect(isNoticed(whole.bytes.dropLast(3)) && isNoticed(Data()))
        let cut = StoredContent(form: .asReceived, bytes: Data(body.dropLast()))
        #expect(read(cut, bodyBytes: body.count) == nil)
        let noText = StoredContent(form: .asReceived, bytes: Data(body + [0xFF]))
        #expect(read(noText, bodyBytes: body.count) == nil)
        for index in whole.bytes.indices {
            var bytes = whole.bytes
            bytes[index] ^= 0x20
            // Reserved bits of the head mean nothing.
            let result = read(StoredContent(form: .zstd, bytes: bytes), bodyBytes: body.count)
            #expect(result == nil || (result?.body == body && result?.context == context), "byte \(index)")
        }
    }
}
