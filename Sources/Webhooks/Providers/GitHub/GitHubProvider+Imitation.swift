package import Domain
import FoundationEssentials

extension GitHubProvider: ImitableProvider {
    package var sampleEvents: [String] {
        [
            "issues.opened", "pull_request.opened", "issue_comment.created", "pull_request_review.submitted",
            "pull_request_review_comment.created", "push", "workflow_run.completed", "release.published", "ping",
        ]
    }

    package func sample(of event: ImitatedEvent, id: String) -> JSONValue {
        var body: JSONValue = [
            "repository": [
                "id": 1, "name": "example", "full_name": "octo-org/example", "private": false,
                "html_url": "https://github.com/octo-org/example", "owner": ["login": "octo-org", "id": 2],
                "default_branch": "main",
            ],
            "sender": ["login": "octocat", "id": 3, "type": "User"],
        ]
        for (key, value) in Self.objects(of: event.name) { body[key] = value }
        let action = event.action ?? Self.usualAction[event.name]
        if let action, !["push", "ping"].contains(event.name) { body["action"] = .string(action) }
        return body
    }

    package func headers(imitating delivery: ImitatedDelivery) -> [(name: String, value: String)]? {
        var headers = [
            ("Content-Type", "application/json"), ("User-Agent", "GitHub-Hookshot/al"),
            ("X-GitHub-Event", delivery.event.name), ("X-GitHub-Delivery", delivery.id),
        ]
        if let code = delivery.hexCode() { headers.append(("X-Hub-Signature-256", "sha256=\(code)")) }
        return headers
    }

    private static let usualAction = [
        "issues": "opened", "pull_request": "opened", "issue_comment": "created", "pull_request_review": "submitted",
        "pull_request_review_comment": "created", "workflow_run": "completed", "check_run": "completed",
        "release": "published", "discussion": "created", "deployment_status": "created",
    ]

    private static func objects(of event: String) -> ContextKeys {
        switch event {
        case "issues": ["issue": issue]
        case "issue_comment": ["issue": issue, "comment": comment("issues/7#issuecomment-11")]
        case "pull_request": ["number": 8, "pull_request": pullRequest]
        case "pull_request_review": ["pull_request": pullRequest, "review": review]
        case "pull_request_review_comment":
            ["pull_request": pullRequest, "comment": comment("pull/8#discussion_r12")]
        case "push": push
        case "workflow_run": ["workflow_run": workflowRun]
        case "release": ["release": release]
        case "ping": ["zen": "Keep it logically awesome.", "hook_id": 1]
        default:
            [
                event: [
                    "id": 1, "number": 1, "title": .string("Sample of \(event)"),
                    "html_url": "https://github.com/octo-org/example", "user": ["login": "octocat"],
                ]
            ]
        }
    }

    private static let page = "https://github.com/octo-org/example"

    private static let issue: JSONValue = [
        "id": 10, "number": 7, "title": "The build fails on main",
        "body": "Since yesterday the build of main fails with a linker error.",
        "html_url": .string(page + "/issues/7"), "state": "open", "user": ["login": "octocat", "id": 3],
        "assignee": .null, "labels": [["name": "bug", "color": "d73a4a"]],
    ]

    private static let pullRequest: JSONValue = [
        "id": 20, "number": 8, "title": "Mend the build", "body": "Links the missing library.",
        "html_url": .string(page + "/pull/8"), "state": "open", "draft": false,
        "user": ["login": "octocat", "id": 3], "assignee": .null, "labels": [],
        "head": ["ref": "mend-build", "sha": "0123456789abcdef0123456789abcdef01234567"], "base": ["ref": "main"],
    ]

    private static let review: JSONValue = [
        "id": 30, "state": "changes_requested", "body": "Please add a test.",
        "html_url": .string(page + "/pull/8#pullrequestreview-30"), "user": ["login": "hubot", "id": 4],
    ]

    private static let push: ContextKeys = [
        "ref": "refs/heads/main", "before": "0000000000000000000000000000000000000000",
        "after": "0123456789abcdef0123456789abcdef01234567", "compare": .string(page + "/compare/000...012"),
        "pusher": ["name": "octocat", "email": "octocat@example.com"],
        "head_commit": [
            "id": "0123456789abcdef0123456789abcdef01234567", "message": "Mend the build",
            "author": ["name": "Octo Cat", "username": "octocat"],
        ],
        "commits": [],
    ]

    private static let workflowRun: JSONValue = [
        "id": 40, "name": "CI", "status": "completed", "conclusion": "failure", "head_branch": "main",
        "html_url": .string(page + "/actions/runs/40"), "actor": ["login": "octocat"],
        "pull_requests": [],
    ]

    private static let release: JSONValue = [
        "id": 50, "tag_name": "v1.0.0", "name": "First release", "body": "All of it.", "target_commitish": "main",
        "html_url": .string(page + "/releases/tag/v1.0.0"), "author": ["login": "octocat"],
    ]

    private static func comment(_ place: String) -> JSONValue {
        [
            "id": 11, "body": "I see this as well.", "html_url": .string("\(page)/\(place)"),
            "user": ["login": "hubot", "id": 4],
        ]
    }
}
