import Domain
import LanguageModels

/// Reads the script files of agents on the scripted model, so that a mistake is found before a run.
enum ScriptCheck {
    /// One sentence per problem.
    static func problems(of agents: [AgentConfig]) -> [String] {
        agents.filter { $0.model.provider == .scripted && $0.scale > 0 }.flatMap { agent -> [String] in
            do throws(ScriptError) {
                _ = try Script.load(path: "\(agent.directory)/\(agent.model.model)")
                return []
            } catch {
                return error.problems.map(\.description)
            }
        }
    }
}
