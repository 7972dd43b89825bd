package import Domain
import Foundation

/// Writes a new agent into a project.
package struct AgentScaffold: Sendable {
    private let project: String

    /// - Parameter project: absolute path of the project.
    package init(project: String) { self.project = project }

    /// Writes the files of an agent: all of them, or none.
    ///
    /// - Returns: their paths relative to the project, sorted.
    /// - Throws: ``ProjectError`` when something of that name exists or cannot be written.
    @discardableResult
    package func write(_ files: [String: String], for name: AgentName) throws(ProjectError) -> [String] {
        let manager = FileManager.default
        let directory = "\(project)/agents/\(name)"
        for path in [directory, "\(project)/\(name)"] where manager.fileExists(atPath: path) {
            throw ProjectError(code: .exists, path: path, message: "\(path) exists already. Choose another name.")
        }
        // Complete before it is seen: a running scheduler watches agents/ and skips names that begin with a dot.
        let staged = "\(project)/agents/.\(name).new"
        do {
            // Left over by a write that was interrupted.
            try? manager.removeItem(atPath: staged)
            try manager.createDirectory(atPath: staged, withIntermediateDirectories: true)
            for (file, text) in files { try Data(text.utf8).write(to: URL(fileURLWithPath: "\(staged)/\(file)")) }
            try manager.moveItem(atPath: staged, toPath: directory)
        } catch {
            try? manager.removeItem(atPath: staged)
            let message = "Cannot write the agent in \(directory): \(error.localizedDescription)"
            throw ProjectError(code: .notWritable, path: directory, message: message)
        }
        return files.keys.map { "agents/\(name)/\($0)" }.sorted()
    }
}
