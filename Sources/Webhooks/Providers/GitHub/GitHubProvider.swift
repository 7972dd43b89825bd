package import Domain
import FoundationEssentials

/// GitHub: webhooks of repositories, organisations and apps.
///
/// Format: <https://docs.github.com/en/webhooks/webhook-events-and-payloads>.
package struct GitHubProvider: WebhookProvider {
    package let type = "github"
    package let secretType: String? = "github_webhook_secret"
    package let signatureHeaders = ["x-hub-signature-256"]
    package let privateHeaders = ["x-hub-signature-256", "x-hub-signature"]

    package let filters = GitHubProvider.definitions(areGitHubs: true)

    /// There is nothing to configure.
    package init() {}

    /// The filters; names of people and repositories have no case at GitHub, and its events are known.
    static func definitions(areGitHubs: Bool) -> [FilterDefinition] {
        let offering = { (values: [String]) in areGitHubs ? FilterDefinition.Kind.choices(values) : .texts }
        return [
            FilterDefinition("events", offering(events), .event),
            FilterDefinition("actions", offering(actions), .action),
            FilterDefinition("repos", .texts, .repo(isCaseBlind: areGitHubs), isRepository: areGitHubs),
            FilterDefinition("org", .text, .organisation(isCaseBlind: areGitHubs)),
            FilterDefinition("orgs", .texts, .organisation(isCaseBlind: areGitHubs)),
            FilterDefinition("labels", .texts, .label),
            FilterDefinition("labelsAny", .texts, .anyLabel),
            FilterDefinition("assignee", .text, .person("assignee", isCaseBlind: areGitHubs)),
            FilterDefinition("author", .text, .person("author", isCaseBlind: areGitHubs)),
            FilterDefinition("branches", .texts, .branch),
            FilterDefinition("conclusions", offering(conclusions), .conclusion),
        ]
    }

    private static let events = [
        "issues", "pull_request", "issue_comment", "push", "workflow_run", "pull_request_review",
        "pull_request_review_comment", "release", "check_run", "check_suite", "create", "delete", "deployment_status",
        "discussion",
    ]
    private static let actions = [
        "opened", "closed", "labeled", "synchronize", "completed", "created", "reopened", "edited", "assigned",
        "unlabeled", "submitted", "review_requested", "ready_for_review",
    ]
    private static let conclusions = [
        "success", "failure", "cancelled", "skipped", "timed_out", "action_required", "neutral", "stale",
        "startup_failure",
    ]

    package func verify(_ request: WebhookRequest, secrets: [String: String]) -> String? {
        HMACSignature(header: request.headers["x-hub-signature-256"], prefix: "sha256=")?
            .instance(fitting: [request.body], among: secrets)
    }

    package func deliveryID(of request: WebhookRequest, payload: JSONNode) -> String? {
        request.headers["x-github-delivery"]
    }

    package func event(of request: WebhookRequest, payload: JSONNode) -> String {
        request.headers["x-github-event"] ?? ""
    }

    package func context(of request: WebhookRequest, payload: JSONNode) -> JSONValue? {
        let event = event(of: request, payload: payload)
        guard payload.isObject, !event.isEmpty, event != "ping",
            let keys = GitHubEvent(name: event, payload: payload).keys
        else {
            return nil
        }
        return .context(
            [
                "source": "github",
                "event": .string(event),
                "action": payload["action"]?.nonNull,
                "repo": Self.repository(of: payload),
                "sender": payload["sender"]?["login"]?.nonEmptyText ?? "unknown",
                "timestamp": request.receivedAt.json,
            ],
            keys
        )
    }

    /// `owner/name`; events of a whole organisation or app have the owner only, so that filters on `org` still work.
    private static func repository(of payload: JSONNode) -> JSONValue {
        payload["repository"]?["full_name"]?.nonEmptyText ?? payload["organization"]?["login"]?.nonEmptyText
            ?? payload["installation"]?["account"]?["login"]?.nonEmptyText ?? ""
    }
}
