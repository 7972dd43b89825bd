import Foundation

/// Gathers what a command prints within fixed memory: cleaned, redacted, the beginning and the end, everything in a file.
///
/// Once the file is full, bytes in the middle are only counted, so that a flood costs next to nothing.
struct ShellOutput {
    /// A chunk without line break is passed on when it is this large; its end stays for the redaction of what follows.
    private static let chunkBytes = 64 * 1024
    private static let overlapBytes = 4096
    private static let rawTailBytes = 256 * 1024

    private var cleaner = OutputCleaner()
    private var kept = BoundedText()
    private var rawTail: [UInt8] = []
    private var skippedLines = 0
    private var skippedBytes = 0
    private(set) var redacted: Set<String> = []
    private let redact: Redactor
    private let filePath: String
    private var file: OutputFile?

    init(filePath: String, redact: @escaping Redactor) {
        self.filePath = filePath
        self.redact = redact
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        if let file, file.isFull {
            skip(bytes)
            return
        }
        cleaner.append(bytes)
        if cleaner.pending.count >= Self.chunkBytes { pass(isLast: false) }
    }

    /// What the model reads; ends the collection.
    mutating func finish() -> String {
        if !rawTail.isEmpty {
            rawTail.withUnsafeBytes { cleaner.append($0) }
            rawTail = []
        }
        pass(isLast: true)
        file?.close()
        return kept.text(file: file?.path, skippedLines: skippedLines, skippedBytes: skippedBytes)
    }

    private mutating func pass(isLast: Bool) {
        var bytes = cleaner.pending
        guard !bytes.isEmpty else { return }
        let (text, names) = redact(OutputCleaner.text(bytes))
        redacted.formUnion(names)
        bytes = Array(text.utf8)
        var cut = bytes.count
        if !isLast {
            cut = bytes.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
            if cut == 0 { cut = Self.characterStart(bytes, max(0, bytes.count - Self.overlapBytes)) }
        }
        cleaner.restart(with: Array(bytes[cut...]))
        keep(bytes[..<cut])
    }

    private mutating func keep(_ bytes: ArraySlice<UInt8>) {
        if file == nil, kept.wouldOverflow(bytes) {
            file = OutputFile(path: filePath)
            file?.append(kept.head)
        }
        file?.append(Array(bytes))
        kept.append(bytes)
    }

    private mutating func skip(_ bytes: UnsafeRawBufferPointer) {
        rawTail += bytes
        guard rawTail.count > 2 * Self.rawTailBytes else { return }
        let cut = rawTail.count - Self.rawTailBytes
        skippedBytes += cut
        rawTail.withUnsafeBytes { buffer in
            for index in 0..<cut where buffer[index] == 0x0A { skippedLines += 1 }
        }
        rawTail.removeFirst(cut)
    }

    private static func characterStart(_ bytes: [UInt8], _ index: Int) -> Int {
        var index = index
        while index > 0, index < bytes.count, bytes[index] & 0xC0 == 0x80 { index -= 1 }
        return index
    }
}

/// The file that keeps everything a command printed, up to a limit.
private struct OutputFile {
    let path: String
    private let descriptor: Int32
    private var written = 0

    init(path: String) {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    }

    var isFull: Bool { written >= ToolLimits.outputFileBytes }

    mutating func append(_ bytes: [UInt8]) {
        let room = ToolLimits.outputFileBytes - written
        guard room > 0 else { return }
        written += bytes.count
        guard descriptor >= 0 else { return }
        // A full disk costs the file, never the command.
        _ = FileAccess.writeAll(Array(bytes.prefix(room)), to: descriptor)
        if isFull { _ = FileAccess.writeAll(Array("\n[cut off at 32MB]\n".utf8), to: descriptor) }
    }

    func close() { if descriptor >= 0 { Foundation.close(descriptor) } }
}
