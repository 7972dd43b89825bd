import Domain
import Foundation

extension AgentConfig {
    /// Where the script stands that takes the model's place, whether it is there or not.
    var testScript: String { "\(directory)/test-script.sh" }

    /// Whether runs execute that script; they then read no script of a model.
    var isInScriptMode: Bool { FileManager.default.fileExists(atPath: testScript) }
}
