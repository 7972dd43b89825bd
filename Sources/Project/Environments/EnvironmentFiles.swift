import Domain
import Foundation
import OrderedCollections

/// The user's environment files, `~/.action-llama/environments/<name>.toml`.
package struct EnvironmentFiles: Sendable {
    /// What an environment is for, as its file says.
    package enum Kind: String, Hashable, Sendable {
        case server, ecs
        case cloudRun = "cloud-run"
        case vps, unknown
        case invalid = "invalid config"
    }

    private let directory: String

    /// Prepares to read and write.
    ///
    /// - Parameter home: the user's directory, normally `~/.action-llama`.
    package init(home: String) { directory = "\(home)/environments" }

    /// The names of all environments, sorted.
    package var names: [String] {
        // No directory means that there are none.
        let files = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return files.filter { $0.hasSuffix(".toml") && !$0.hasPrefix(".") }.map { String($0.dropLast(5)) }.sorted()
    }

    /// The path of an environment's file, whether it exists or not.
    ///
    /// - Throws: ``Problem`` (E09) when the name could lead out of the directory.
    package func path(of name: String) throws(Problem) -> String {
        guard Self.isName(name) else {
            throw Problem(code: .environmentBadName, text: "`\(name)` cannot be an environment name")
        }
        return "\(directory)/\(name).toml"
    }

    /// The path of an environment's file.
    ///
    /// - Throws: ``Problem``: E09, or E04 with the known names when it does not exist.
    package func existingPath(of name: String) throws(Problem) -> String {
        let path = try path(of: name)
        guard FileManager.default.fileExists(atPath: path) else { throw missing(name, path: path) }
        return path
    }

    /// What an environment is for.
    package func kind(of name: String) -> Kind {
        guard let path = try? path(of: name), let document = try? TOMLDocument(file: path, path: path) else {
            return .invalid
        }
        let cloud = document.root["cloud"]
        switch (document.root["server"], cloud) {
        case (_?, _?): return .invalid
        case (let server?, nil): return server.objectValue == nil ? .invalid : .server
        case (nil, let cloud?):
            let provider = cloud["provider"]?.stringValue.flatMap(Kind.init(rawValue:))
            return provider.flatMap { [.ecs, .cloudRun, .vps].contains($0) ? $0 : nil } ?? .invalid
        case (nil, nil): return .unknown
        }
    }

    /// An environment's file as text, with the values of headers masked.
    ///
    /// - Throws: ``Problem`` when the name is bad, the file missing or not TOML: what cannot be read cannot be masked.
    package func maskedText(of name: String) throws(Problem) -> String {
        let path = try existingPath(of: name)
        var editor = try TOMLEditor(try TOMLDocument.text(of: path, path: path) ?? "", file: path)
        try editor.maskSecrets()
        return editor.text
    }

    /// Writes the skeleton of a new environment, readable by its owner only.
    ///
    /// - Returns: the path written.
    /// - Throws: ``Problem`` for a bad name, ``ProjectError`` when it exists or cannot be written.
    package func create(_ name: String, _ skeleton: EnvironmentSkeleton) throws -> String {
        let path = try path(of: name)
        guard !FileManager.default.fileExists(atPath: path) else {
            throw ProjectError(code: .exists, path: path, message: "Environment `\(name)` exists already: \(path)")
        }
        do {
            let modes: [FileAttributeKey: Any] = [.posixPermissions: 0o700]
            try FileManager.default.createDirectory(
                atPath: directory,
                withIntermediateDirectories: true,
                attributes: modes
            )
        } catch {
            let message = "Cannot make \(directory): \(error.localizedDescription)"
            throw ProjectError(code: .notWritable, path: directory, message: message)
        }
        try TOMLFile.write(skeleton.text, to: path, mode: 0o600)
        return path
    }

    private func missing(_ name: String, path: String) -> Problem {
        let known = names
        let list = known.isEmpty ? "none" : known.joined(separator: ", ")
        return Problem(
            code: .environmentNotFound,
            text: "No environment `\(name)` (looked for \(path)). Known: \(list). "
                + "Create it with: al env init \(name) -t server",
            suggestion: Suggestion.nearest(to: name, among: known)
        )
    }

    private static func isName(_ name: String) -> Bool {
        guard (1...63).contains(name.utf8.count), name.utf8.first?.isLetterOrDigit == true else { return false }
        return name.utf8.allSatisfy { $0.isLetterOrDigit || "._-".utf8.contains($0) }
    }
}
