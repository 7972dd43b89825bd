import Mustache

/// The pages of the dashboard, from templates that escape every value.
struct DashboardPages: Sendable {
    /// An agent as a row of the table.
    struct AgentRow: Sendable {
        let name: String
        let state: String
        let stateLabel: String
        let detail: String
        let lastRun: String
        let nextRun: String
        let queued: Int
        let isEnabled: Bool
    }

    /// A line of activity or a run.
    struct Line: Sendable {
        let time: String
        let subject: String
        let text: String
        let state: String
    }

    /// Everything on `/dashboard`.
    struct Overview: Sendable {
        let title: String
        let version: String
        let mode: String
        let cronJobs: Int
        let webhooks: String
        let startedAt: String
        let isPaused: Bool
        let agents: [AgentRow]
        let runs: [Line]
        let activity: [Line]

        let hasActivity: Bool
    }

    private struct Login {
        let title: String
        let problem: String?
        let keyHint: String
    }

    private struct Logs {
        let title: String
        let agent: String
    }

    private let library: MustacheLibrary

    /// Compiles the templates.
    init() throws {
        library = MustacheLibrary(templates: [
            "head": try MustacheTemplate(string: DashboardTemplates.head),
            "login": try MustacheTemplate(string: DashboardTemplates.login),
            "overview": try MustacheTemplate(string: DashboardTemplates.overview),
            "logs": try MustacheTemplate(string: DashboardTemplates.logs),
        ])
    }

    /// `/login`.
    func login(problem: String?, keyHint: String, project: String?) -> String {
        render("login", Login(title: project ?? "Action Llama", problem: problem, keyHint: keyHint))
    }

    /// `/dashboard`.
    func overview(_ overview: Overview) -> String { render("overview", overview) }

    /// `/dashboard/agents/:name/logs`.
    func logs(of agent: String) -> String { render("logs", Logs(title: "\(agent) — logs", agent: agent)) }

    private func render(_ name: String, _ values: Any) -> String { library.render(values, withTemplate: name) ?? "" }
}
