import Domain
import Foundation
import OrderedCollections
import Testing

@testable import Webhooks

/// Recorded GitHub payloads of every kind.
///
/// They are not part of the repository (they stand beside it, under `../shared/data`); what must become of them is.
/// `AL_WRITE_GOLDEN=1` writes that file anew.
@Suite("Every recorded GitHub payload") struct GitHubPayloadTests {
    private static let here = URL(filePath: #filePath).deletingLastPathComponent()
    private static let folder = here.appending(path: "../../../shared/data/github-payloads").standardizedFileURL.path
    private static let golden = here.appending(path: "Fixtures/github-contexts.json").path

    private static let files = (try? FileManager.default.contentsOfDirectory(atPath: folder))?.sorted() ?? []

    private static func context(of file: String) throws -> JSONValue {
        let body = Array(try Data(contentsOf: URL(filePath: "\(folder)/\(file)")))
        let sent = request(body, [("X-GitHub-Event", String(file.prefix { $0 != "." }))])
        return GitHubProvider().context(of: sent, payload: try sent.payload()) ?? .null
    }

    private static func contexts() throws -> JSONValue {
        var contexts = OrderedDictionary<String, JSONValue>()
        for file in files { contexts[file] = try context(of: file) }
        return .object(contexts)
    }

    /// One line a payload, so that a change is read as a difference of lines.
    private static func text(of contexts: JSONValue) -> String {
        let lines = (contexts.objectValue ?? [:]).map { "\(JSONValue.quoted($0.key)): \($0.value.compactText)" }
        return "{\n" + lines.joined(separator: ",\n") + "\n}\n"
    }

    @Test("becomes exactly the context of the golden file", .enabled(if: !files.isEmpty, "no recorded payloads"))
    func goldenContexts() throws {
        let found = try Self.contexts()
        if ProcessInfo.processInfo.environment["AL_WRITE_GOLDEN"] == "1" {
            try Data(Self.text(of: found).utf8).write(to: URL(filePath: Self.golden))
        }
        let expected = try JSONValue(parsing: Data(contentsOf: URL(filePath: Self.golden)))
        for (file, context) in found.objectValue ?? [:] {
            #expect(context.compactText == expected[file]?.compactText, "\(file)")
        }
        #expect(found.objectValue?.keys == expected.objectValue?.keys)
    }

    @Test("the golden file says for each event who, where and what")
    func sensible() throws {
        let contexts = try JSONValue(parsing: Data(contentsOf: URL(filePath: Self.golden))).objectValue ?? [:]
        let events = Set(contexts.keys.map { $0.prefix { $0 != "." } })
        #expect(events.count >= 50 && contexts.count >= 130)
        for (file, context) in contexts where !file.hasPrefix("ping") {
            #expect(context["event"]?.stringValue == String(file.prefix { $0 != "." }), "\(file)")
            #expect(context["title"]?.stringValue != nil || context["event"] == "push", "\(file)")
            #expect(context["sender"]?.stringValue != nil && context["repo"]?.stringValue != nil, "\(file)")
        }
    }
}
