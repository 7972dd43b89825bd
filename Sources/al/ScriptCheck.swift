import Domain
import LanguageModels

/// Reads the script files of agents on the scripted model, so that a mistake is found before a run.
enum ScriptCheck {
    /// One sentence per problem, its file relative to the project.
    ///
    /// Agents in script mode never read a model's script.
    static func problems(of agents: [AgentConfig], in project: String) -> [String] {
        agents.filter { $0.scale > 0 && !$0.isInScriptMode }.flatMap { agent in
            agent.scripts.flatMap { script -> [String] in
                do throws(ScriptError) {
                    _ = try Script.load(path: agent.path(ofScript: script))
                    return []
                } catch {
                    return error.problems.map { described($0, in: project) }
                }
            }
        }
    }

    private static func described(_ problem: ScriptProblem, in project: String) -> String {
        var problem = problem
        if problem.file.hasPrefix("\(project)/") { problem.file.removeFirst(project.count + 1) }
        return problem.description
    }
}
