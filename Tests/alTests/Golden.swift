import Foundation
import Testing

/// Compares a text with a file in `Fixtures`, byte for byte.
///
/// With `AL_UPDATE_GOLDEN` set the file is written instead: its diff is then what is to be reviewed.
func expectGolden(_ text: String, _ name: String, file: String = #filePath) throws {
    let url = URL(filePath: file).deletingLastPathComponent().appending(path: "Fixtures/\(name)")
    if ProcessInfo.processInfo.environment["AL_UPDATE_GOLDEN"] != nil {
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
        return
    }
    #expect(try String(contentsOf: url, encoding: .utf8) == text, "\(name)")
}
