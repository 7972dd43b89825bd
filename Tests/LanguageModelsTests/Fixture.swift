import Domain
import Foundation
import OrderedCollections
import Testing

@testable import LanguageModels

/// Files beside the tests: request bodies and event streams.
enum Fixture {
    private static let directory = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

    /// The text of a file.
    static func text(_ name: String) throws -> String {
        try String(contentsOf: directory.appending(path: name), encoding: .utf8)
    }

    /// Names of the files with this ending in a folder, without the ending.
    static func names(_ folder: String, _ ending: String) -> [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: directory.appending(path: folder).path)) ?? []
        return files.filter { $0.hasSuffix(ending) }.map { String($0.dropLast(ending.count)) }.sorted()
    }

    /// Compares a document with its file, byte for byte; `AL_UPDATE_GOLDEN=1` writes the file instead.
    static func expect(_ json: JSONValue, equals name: String) throws {
        let text = json.prettyText + "\n"
        if ProcessInfo.processInfo.environment["AL_UPDATE_GOLDEN"] == "1" {
            let file = directory.appending(path: name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try Data(text.utf8).write(to: file)
        }
        #expect(try Fixture.text(name) == text, "\(name) differs")
    }
}

extension AssembledReply {
    /// The reply as a document, for comparison with its file.
    var json: JSONValue {
        .object([
            "content": .array(content.map(\.json)), "stop": .string(stop.rawValue),
            "usage": [
                "input": .int(usage.input), "output": .int(usage.output), "cacheRead": .int(usage.cacheRead),
                "cacheWrite": .int(usage.cacheWrite),
            ],
        ])
    }
}

extension Content {
    fileprivate var json: JSONValue {
        switch self {
        case .text(let part):
            .object(["text": .string(part.text), "signature": part.signature.map(JSONValue.string)])
        case .thinking(let part):
            .object([
                "thinking": .string(part.text), "signature": part.signature.map(JSONValue.string),
                "redacted": part.isRedacted ? true : JSONValue?.none,
            ])
        case .image(let image): ["image": .string(image.mime)]
        case .toolCall(let call):
            .object([
                "call": .string(call.name), "id": .string(call.id), "arguments": call.arguments,
                "complete": call.isComplete ? JSONValue?.none : false,
                "signature": call.signature.map(JSONValue.string),
            ])
        }
    }
}

extension StreamFailure {
    /// What failed, as a document.
    var json: JSONValue {
        switch self {
        case .reported(let failure):
            let error = classify(failure, provider: .custom, model: "m", now: Date(timeIntervalSince1970: 0))
            return .object([
                "failure": .string(error.code.rawValue), "message": .string(error.message),
                "retryAfter": error.retryAfter.map { .double(Double($0.components.seconds)) },
            ])
        case .broken: return ["failure": "broken"]
        case .filtered(let reason): return ["failure": "filtered", "message": .string(reason)]
        }
    }
}
