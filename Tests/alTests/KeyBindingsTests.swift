import Foundation
import Terminal
import Testing

@testable import al

@Suite struct KeyBindingsTests {
    private func read(_ text: String?) throws -> MessageKeys {
        let directory = FileManager.default.temporaryDirectory.appending(path: "al-keys-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let file = directory.appending(path: "keybindings.json")
        if let text { try Data(text.utf8).write(to: file) }
        return try KeyBindings.read(file.path)
    }

    @Test(
        "keys are exchanged by name, one or a list of them",
        arguments: [
            (nil, MessageKeys()), ("{}", MessageKeys()), (#"{"submit":"enter"}"#, MessageKeys()),
            (#"{"submit":"alt+enter"}"#, MessageKeys(submit: .newLine, newLine: .enter)),
            (#"{"submit":["ctrl+x","Shift+Enter"],"newLine":"enter"}"#, MessageKeys(submit: .newLine, newLine: .enter)),
        ] as [(String?, MessageKeys)]
    )
    func reading(text: String?, expected: MessageKeys) throws {
        #expect(try read(text) == expected)
    }

    @Test(
        "what cannot be meant is refused with the name of the file",
        arguments: ["", "[]", #"{"submit":"x"}"#, #"{"submit":5}"#, #"{"submit":"enter","newLine":"enter"}"#]
    )
    func refusing(text: String) {
        let failure = #expect(throws: Failure.self) { _ = try read(text) }
        #expect(failure?.text.contains("keybindings.json") == true)
    }
}
