import Domain
import OrderedCollections

/// Which environment a project on this machine is bound to: `environment` in its `.env.toml`.
package struct EnvironmentBinding: Sendable {
    private let path: String

    /// Names the project by its absolute path.
    package init(project: String) { path = "\(project)/.env.toml" }

    /// The bound environment; `nil` when there is none or the file cannot be read.
    package var name: String? {
        guard let document = try? TOMLDocument(file: ".env.toml", path: path) else { return nil }
        return document.root["environment"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Binds, or unbinds with `nil`; other keys and comments survive.
    ///
    /// - Throws: ``Problem`` when `.env.toml` is not TOML, ``ProjectError`` when it cannot be written.
    package func set(_ name: String?) throws {
        try TOMLFile.edit(path, named: ".env.toml", newMode: 0o600) { editor in
            if let name {
                try editor.set(["environment"], to: .string(name))
            } else {
                try editor.remove(["environment"])
            }
        }
    }
}
