import Domain
import LanguageModels

/// Reads the script files of agents on the scripted model, so that a mistake is found before a run.
enum ScriptCheck {
    /// One sentence per problem.
    static func problems(of agents: [AgentConfig]) -> [String] {
        agents.filter { $0.scale > 0 }.flatMap { agent in
            agent.scripts.flatMap { script -> [String] in
                do throws(ScriptError) {
                    _ = try Script.load(path: agent.path(ofScript: script))
                    return []
                } catch {
                    return error.problems.map(\.description)
                }
            }
        }
    }
}
