import Domain
import Harness
import LanguageModels
import Project

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

    /// Tools that scripts call and no agent has: allowed, as a run may be meant to meet them, and probably a mistake.
    static func warnings(of agents: [AgentConfig], in project: String) -> [Problem] {
        let paths = agents.filter { $0.scale > 0 && !$0.isInScriptMode }.flatMap { agent in
            agent.scripts.map { agent.path(ofScript: $0) }
        }
        return Set(paths).sorted().flatMap { path -> [Problem] in
            // What cannot be read is told by the problems.
            guard let script = try? Script.load(path: path) else { return [] }
            return script.calledTools.sorted { $0.value < $1.value }.compactMap { unknown($0, line: $1, path, project) }
        }
    }

    private static func unknown(_ tool: String, line: Int, _ path: String, _ project: String) -> Problem? {
        // Which tools a server has is known once it runs.
        guard ToolRegistry.standard.tool(named: tool) == nil, !tool.hasPrefix("mcp__") else { return nil }
        let known = ToolRegistry.standard.definitions.map(\.name)
        return Problem(
            code: .configUnusual,
            file: path.hasPrefix("\(project)/") ? String(path.dropFirst(project.count + 1)) : path,
            line: line,
            text: "there is no tool \(tool); the run will answer the call with an error",
            suggestion: Suggestion.nearest(to: tool, among: known)
        )
    }

    private static func described(_ problem: ScriptProblem, in project: String) -> String {
        var problem = problem
        if problem.file.hasPrefix("\(project)/") { problem.file.removeFirst(project.count + 1) }
        return problem.description
    }
}
