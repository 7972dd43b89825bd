import Domain
import Foundation
import Project

/// A project and a user's directory for one test, removed with the last reference to them.
final class TemporaryProject {
    private let base: String

    init(_ files: [String: String] = [:]) throws {
        base = NSTemporaryDirectory() + "al-project-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        for (name, text) in files { try write(text, to: name) }
    }

    deinit { try? FileManager.default.removeItem(atPath: base) }

    var path: String { "\(base)/project" }
    var home: String { "\(base)/home" }

    /// Writes a file of the project, or of the user when the name begins with `~/`.
    func write(_ text: String, to name: String) throws {
        let place = name.hasPrefix("~/") ? "\(home)/\(name.dropFirst(2))" : "\(path)/\(name)"
        let file = URL(fileURLWithPath: place)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    func text(_ name: String) -> String? {
        FileManager.default.contents(atPath: "\(path)/\(name)").map { String(decoding: $0, as: UTF8.self) }
    }

    func load(
        environment: String? = nil,
        variables: [String: String] = [:],
        facts: OutsideFacts = OutsideFacts(),
        runtime: RuntimeKind? = nil
    ) -> LoadedProject {
        ProjectLoader(home: home, variables: variables, facts: facts)
            .load(path, environment: environment, runtime: runtime)
    }

    /// A project without problems: the scripted model and one agent that is started by hand.
    static let sound = [
        "config.toml": "[model]\nprovider = \"scripted\"\nmodel = \"script.yaml\"\n",
        "agents/dev/agent-config.toml": "credentials = []\nmanual = true\n",
        "agents/dev/ACTIONS.md": "Work.\n",
    ]
}
