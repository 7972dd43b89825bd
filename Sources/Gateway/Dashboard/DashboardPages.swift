import Mustache

/// The pages of the dashboard, from the templates in `Site/`, which escape every value.
///
/// A page is its frame: the modules fill it from the gateway's JSON routes, so that what is shown first and what
/// changes later is drawn by one piece of code.
struct DashboardPages: Sendable {
    /// A page and what its frame has to know.
    enum Page: Sendable {
        case overview, deliveries, queue, locks, settings
        case agent(String)
        case logs(agent: String)
        case chat(agent: String)
        case run(String)
        case delivery(String)
        /// In the place of a page about something that is not there.
        case missing(String)

        fileprivate var template: String {
            switch self {
            case .overview: "overview"
            case .deliveries: "deliveries"
            case .queue: "queue"
            case .locks: "locks"
            case .settings: "settings"
            case .agent: "agent"
            case .logs: "logs"
            case .chat: "chat"
            case .run: "run"
            case .delivery: "delivery"
            case .missing: "missing"
            }
        }

        fileprivate var title: String {
            switch self {
            case .overview: "Overview"
            case .deliveries: "Deliveries"
            case .queue: "Queue"
            case .locks: "Locks"
            case .settings: "Settings"
            case .agent(let name), .run(let name): name
            case .logs(let agent): "\(agent) logs"
            case .chat(let agent): "Chat with \(agent)"
            case .delivery(let id): "Delivery \(id.prefix(8))"
            case .missing: "Not found"
            }
        }

        fileprivate var script: String {
            if case .missing = self { "shell.js" } else { "\(template).js" }
        }
    }

    /// The values of a frame; those that a page has no use for are empty.
    private struct Frame {
        let title: String
        let project: String
        let version: String
        let script: String
        var agent = ""
        var instance = ""
        var receipt = ""
        var problem = ""
    }

    private struct Login {
        let project: String
        let problem: String?
        let keyHint: String
    }

    private let library: MustacheLibrary
    private let project: String
    private let version: String

    /// Compiles the templates.
    init(project: String?, version: String) throws {
        self.project = project ?? "Action Llama"
        self.version = version
        let sources: [String: [UInt8]] = [
            "layout": PackageResources.layout_html, "login": PackageResources.login_html,
            "overview": PackageResources.overview_html, "agent": PackageResources.agent_html,
            "logs": PackageResources.logs_html, "chat": PackageResources.chat_html, "run": PackageResources.run_html,
            "deliveries": PackageResources.deliveries_html, "delivery": PackageResources.delivery_html,
            "queue": PackageResources.queue_html, "locks": PackageResources.locks_html,
            "settings": PackageResources.settings_html, "missing": PackageResources.missing_html,
        ]
        library = MustacheLibrary(
            templates: try sources.mapValues { try MustacheTemplate(string: String(decoding: $0, as: UTF8.self)) }
        )
    }

    /// `/login`.
    func login(problem: String?, keyHint: String) -> String {
        render("login", Login(project: project, problem: problem, keyHint: keyHint))
    }

    /// Any page behind the login.
    func page(_ page: Page) -> String {
        var frame = Frame(title: page.title, project: project, version: version, script: page.script)
        switch page {
        case .agent(let name), .logs(let name), .chat(let name): frame.agent = name
        case .run(let id): frame.instance = id
        case .delivery(let id): frame.receipt = id
        case .missing(let problem): frame.problem = problem
        case .overview, .deliveries, .queue, .locks, .settings: break
        }
        return render(page.template, frame)
    }

    private func render(_ name: String, _ values: Any) -> String { library.render(values, withTemplate: name) ?? "" }
}
