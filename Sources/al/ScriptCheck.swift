import Domain
import Harness
import LanguageModels
import Project

/// Reads the script files of agents on the scripted model, so that a mistake is found before a run.
enum ScriptCheck {
    /// What is wrong with them, and the tools that they call and no agent has: allowed, as a run may be meant to meet them, and
    /// probably a mistake.
    ///
    /// Agents in script mode never read a model's script.
    static func problems(of agents: [AgentConfig], in project: String) -> [Problem] {
        let paths = agents.filter { $0.scale > 0 && !$0.isInScriptMode }.flatMap { agent in
            agent.scripts.map { agent.path(ofScript: $0) }
        }
        return Set(paths).sorted().flatMap { path -> [Problem] in
            do throws(ScriptError) {
                let tools = try Script.load(path: path).calledTools.sorted { $0.value < $1.value }
                return tools.compactMap { unknown($0, line: $1, path, project) }
            } catch {
                return error.problems.map { problem($0, in: project) }
            }
        }
    }

    private static func unknown(_ tool: String, line: Int, _ path: String, _ project: String) -> Problem? {
        // Which tools a server has is known once it runs.
        guard ToolRegistry.standard.tool(named: tool) == nil, !tool.hasPrefix("mcp__") else { return nil }
        let known = ToolRegistry.standard.definitions.map(\.name)
        return Problem(
            code: .configUnusual,
            file: relative(path, to: project),
            line: line,
            text: "there is no tool \(tool); the run will answer the call with an error",
            suggestion: Suggestion.nearest(to: tool, among: known)
        )
    }

    private static func problem(_ problem: ScriptProblem, in project: String) -> Problem {
        Problem(
            code: .scriptInvalid,
            file: relative(problem.file, to: project),
            line: problem.line,
            keyPath: problem.path.isEmpty ? nil : problem.path,
            text: problem.expectation
        )
    }

    private static func relative(_ path: String, to project: String) -> String {
        path.hasPrefix("\(project)/") ? String(path.dropFirst(project.count + 1)) : path
    }
}
