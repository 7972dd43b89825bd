import Domain

/// The keys of a context that depend on the event.
struct GitHubEvent {
    let name: String
    let payload: JSONNode

    /// The keys in their order; `nil` when the payload lacks an object that the event needs.
    var keys: ContextKeys? {
        switch name {
        case "issues": object("issue").map { issue(in: $0) }
        case "pull_request": object("pull_request").map { pullRequest(in: $0) }
        case "issue_comment": comment()
        case "pull_request_review": review(object("review"), text: "body")
        case "pull_request_review_comment": review(object("comment"), text: "body")
        case "push": push()
        case "workflow_run": object("workflow_run").map { workflowRun(in: $0) }
        case "check_run": object("check_run").map { checkRun(in: $0) } ?? generic()
        case "release": object("release").map { release(in: $0) } ?? generic()
        case "discussion": object("discussion").map { discussion(in: $0) } ?? generic()
        case "deployment_status": object("deployment_status").map { deploymentStatus(in: $0) } ?? generic()
        default: generic()
        }
    }

    private func object(_ key: String) -> JSONNode? { payload.object(key) }

    private func login(_ object: JSONNode?, _ key: String = "user") -> JSONValue? { object?[key]?["login"]?.nonNull }

    private func labels(of object: JSONNode) -> JSONValue {
        .array((object["labels"]?.elements ?? []).compactMap { $0["name"]?.nonNull })
    }

    private func issue(in issue: JSONNode) -> ContextKeys {
        [
            "number": issue["number"]?.nonNull,
            "title": issue["title"]?.value,
            "body": ContextText.cut(issue["body"]),
            "url": issue["html_url"]?.nonNull,
            "author": login(issue),
            "assignee": login(issue, "assignee"),
            "labels": labels(of: issue),
        ]
    }

    private func pullRequest(in request: JSONNode) -> ContextKeys {
        [
            "number": request["number"]?.nonNull,
            "title": request["title"]?.value,
            "body": ContextText.cut(request["body"]),
            "url": request["html_url"]?.nonNull,
            "author": login(request),
            "assignee": login(request, "assignee"),
            "labels": labels(of: request),
            "branch": request["head"]?["ref"]?.nonNull,
        ]
    }

    private func comment() -> ContextKeys? {
        guard let issue = object("issue"), let comment = object("comment") else { return nil }
        return [
            "number": issue["number"]?.nonNull,
            "title": issue["title"]?.value,
            "url": comment["html_url"]?.nonNull,
            "author": login(issue),
            "comment": ContextText.cut(comment["body"]),
            "labels": labels(of: issue),
            "isPullRequest": issue.object("pull_request").map { _ in true },
        ]
    }

    private func review(_ review: JSONNode?, text: String) -> ContextKeys? {
        guard let request = object("pull_request"), let review else { return nil }
        return [
            "number": request["number"]?.nonNull,
            "title": request["title"]?.value,
            "url": review["html_url"]?.nonNull,
            "author": login(request),
            "comment": ContextText.cut(review[text]),
            "branch": request["head"]?["ref"]?.nonNull,
        ]
    }

    private func push() -> ContextKeys {
        return [
            "branch": (payload["ref"]?.value).flatMap(Self.branchName),
            "url": payload["compare"]?.nonNull,
            "title": payload["head_commit"]?["message"]?.nonNull,
            "author": payload["head_commit"]?["author"]?["username"]?.nonEmptyText
                ?? payload["pusher"]?["name"]?.nonNull,
        ]
    }

    private func workflowRun(in run: JSONNode) -> ContextKeys {
        [
            "title": run["name"]?.value,
            "url": run["html_url"]?.nonNull,
            "branch": run["head_branch"]?.nonNull,
            "author": login(run, "actor"),
            "conclusion": run["conclusion"]?.value,
            "number": run["pull_requests"]?[0]?["number"]?.nonNull,
        ]
    }

    private func checkRun(in run: JSONNode) -> ContextKeys {
        [
            "number": run["pull_requests"]?[0]?["number"]?.nonNull,
            "title": run["name"]?.nonEmptyText ?? genericTitle,
            "url": run["html_url"]?.nonNull,
            "branch": run["check_suite"]?["head_branch"]?.nonNull,
            "conclusion": run["conclusion"]?.value,
        ]
    }

    private func release(in release: JSONNode) -> ContextKeys {
        [
            "title": release["name"]?.nonEmptyText ?? release["tag_name"]?.nonEmptyText ?? genericTitle,
            "body": ContextText.cut(release["body"]),
            "url": release["html_url"]?.nonNull,
            "author": login(release, "author"),
            "branch": release["target_commitish"]?.nonEmptyText,
        ]
    }

    private func discussion(in discussion: JSONNode) -> ContextKeys {
        [
            "number": discussion["number"]?.nonNull,
            "title": discussion["title"]?.nonEmptyText ?? genericTitle,
            "body": ContextText.cut(discussion["body"]),
            "url": discussion["html_url"]?.nonNull,
            "author": login(discussion),
            "labels": discussion["labels"].map { _ in labels(of: discussion) },
        ]
    }

    private func deploymentStatus(in status: JSONNode) -> ContextKeys {
        [
            "title": status["environment"]?.nonEmptyText ?? genericTitle,
            "body": ContextText.cut(status["description"]),
            "url": status["target_url"]?.nonEmptyText ?? status["log_url"]?.nonEmptyText,
            "author": login(status, "creator"),
            "branch": payload["deployment"]?["ref"]?.nonEmptyText,
            "conclusion": status["state"]?.nonEmptyText,
        ]
    }

    private var genericTitle: JSONValue { payload["action"]?.nonEmptyText ?? .string(name) }

    /// Events whose object has another name.
    private static let subjects = [
        "branch_protection_rule": "rule", "code_scanning_alert": "alert", "commit_comment": "comment",
        "dependabot_alert": "alert", "discussion_comment": "discussion", "fork": "forkee", "page_build": "build",
        "pull_request_review_thread": "pull_request", "pull_request_target": "pull_request",
        "registry_package": "registry_package", "repository_vulnerability_alert": "alert",
        "secret_scanning_alert": "alert", "secret_scanning_alert_location": "alert",
    ]

    /// Any other event: what the object named like the event has.
    private func generic() -> ContextKeys {
        let subject = object(name) ?? object(Self.subjects[name] ?? "comment")
        return [
            "number": subject?["number"]?.nonNull,
            "title": title(of: subject),
            "url": subject?["html_url"]?.nonEmptyText,
            "author": login(subject) ?? login(subject, "author") ?? login(subject, "creator"),
            "branch": branch(of: subject),
            "conclusion": subject?["conclusion"]?.nonEmptyText
                ?? (name == "status" ? payload["state"]?.nonNull : .none),
            "comment": ContextText.cut(payload["comment"]?["body"]),
        ]
    }

    /// What an object is called, or what the rule or advisory says that an alert is about.
    private func title(of subject: JSONNode?) -> JSONValue {
        let own = subject?["title"]?.nonEmptyText ?? subject?["name"]?.nonEmptyText ?? subject?["summary"]?.nonEmptyText
        return own ?? subject?["rule"]?["description"]?.nonEmptyText
            ?? subject?["security_advisory"]?["summary"]?.nonEmptyText ?? genericTitle
    }

    /// The branch of an object, or the one that was made, deleted or asked for.
    private func branch(of subject: JSONNode?) -> JSONValue? {
        let own = subject?["head_branch"] ?? subject?["head"]?["ref"] ?? subject?["head_ref"] ?? subject?["ref"]
        if let name = own?.nonEmptyText { return Self.branchName(name) }
        // Like a pushed one, so that a filter of branches does not take it for an event without any.
        if payload["ref_type"]?.stringValue == "tag" {
            return payload["ref"]?.stringValue.map { .string("refs/tags/\($0)") }
        }
        return (payload["ref"] ?? payload["branch"] ?? payload["branches"]?[0]?["name"])?.nonEmptyText
            .flatMap(Self.branchName)
    }

    /// A reference without `refs/heads/`.
    private static func branchName(_ reference: JSONValue) -> JSONValue? {
        let prefix = "refs/heads/"
        return reference.stringValue.map { .string($0.hasPrefix(prefix) ? String($0.dropFirst(prefix.count)) : $0) }
    }
}
