import Domain
import Foundation
import TestSupport
import Testing

@testable import Webhooks

@Suite("GitHub payloads become contexts")
struct GitHubContextTests {
    private let provider = GitHubProvider()
    private static let issue = "https://github.com/Codertocat/Hello-World/issues/1"
    private static let pull = "https://github.com/Codertocat/Hello-World/pull/2"
    private static let typo = "Spelling error in the README file"
    private static let update = "Update the README with new information."

    private static func load(_ file: String) throws -> JSONValue {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
        return try JSONValue(parsing: Array(Data(contentsOf: folder.appending(path: file + ".json"))))
    }

    private static let expectations: [(file: String, keys: String)] = [
        (
            "issues.opened.with-empty-body",
            #""number":1,"title":"\#(typo)","url":"\#(issue)","author":"Codertocat","assignee":"Codertocat","labels":["bug"]"#
        ),
        (
            "pull_request.opened",
            #""number":2,"title":"\#(update)","body":"This is a pretty simple change that we need to pull into master.","#
                + #""url":"\#(pull)","author":"Codertocat","labels":["bug"],"branch":"changes""#
        ),
        (
            "issue_comment.created",
            #""number":1,"title":"\#(typo)","url":"\#(issue)#issuecomment-492700400","author":"Codertocat","#
                + #""comment":"You are totally right! I'll get this fixed right away.","labels":["bug"]"#
        ),
        (
            "pull_request_review.submitted.with-organization",
            #""number":2,"title":"\#(update)","url":"\#(pull)#pullrequestreview-237895671","author":"Codertocat","#
                + #""branch":"changes""#
        ),
        (
            "pull_request_review_comment.edited",
            #""number":2,"title":"\#(update)","url":"\#(pull)#discussion_r284312630","author":"Codertocat","#
                + #""comment":"Maybe you should use more emoji on this line.","branch":"changes""#
        ),
        (
            "push.payload.json",
            #""branch":"refs/tags/simple-tag","url":"https://github.com/Codertocat/Hello-World/compare/"#
                + #"6113728f27ae...000000000000","author":"Codertocat""#
        ),
        (
            "workflow_run.requested",
            #""title":"","url":"https://github.com/octo-org/octo-repo/actions/runs/289782451","branch":"master","#
                + #""author":"Codertocat","conclusion":null"#
        ),
        (
            "check_run.completed.1",
            #""number":2,"title":"Octocoders-linter","url":"https://github.com/Codertocat/Hello-World/runs/128620228","#
                + #""branch":"changes","conclusion":"failure""#
        ),
        (
            "release.created",
            #""title":"0.0.1","url":"https://github.com/Codertocat/Hello-World/releases/tag/0.0.1","#
                + #""author":"Codertocat","branch":"master""#
        ),
        (
            "discussion.labeled",
            #""number":4,"title":"TEST edit","body":"TEST edit","#
                + #""url":"https://github.com/Codertocat/Hello-World/discussions/4","author":"Codertocat""#
        ),
        (
            "deployment_status.with-installation",
            #""title":"production","author":"Codertocat","branch":"master","conclusion":"success""#
        ),
    ]

    @Test("a recorded payload gives exactly these keys in this order", arguments: expectations)
    func exactContext(file: String, keys: String) throws {
        let event = String(file.prefix { $0 != "." })
        let payload = try Self.load(file)
        let action = payload["action"]?.stringValue.map { #""action":"\#($0)","# } ?? ""
        let repo = payload["repository"]?["full_name"]?.stringValue ?? ""
        let head =
            #""source":"github","event":"\#(event)",\#(action)"repo":"\#(repo)","sender":"Codertocat","#
            + #""timestamp":"2024-03-17T18:26:40.500Z","#
        let context = context(of: payload, event)
        #expect(context?.compactText == "{" + head + keys + "}")
    }

    @Test("a ping, a delivery without event, and one without the object its event needs give no context")
    func noContext() throws {
        let issue = try Self.load("issues.labeled.with-organization")
        #expect(context(of: try Self.load("ping.with-app_id"), "ping") == nil)
        #expect(provider.context(of: request(), payload: issue.node) == nil)
        #expect(context(of: ["action": "opened"], "issues") == nil)
        #expect(context(of: issue, "watch")?["title"] == "labeled")
        #expect(context(of: issue, "pull_request") == nil)
    }

    @Test(
        "what is made or deleted is named like what is pushed, and a filter of branches lets no tag pass",
        arguments: [("branch", "main", "main"), ("tag", "v1", "refs/tags/v1")]
    )
    func madeAndDeleted(kind: String, reference: String, named: String) throws {
        let payload: JSONValue = [
            "repository": ["full_name": "a/b"], "ref_type": .string(kind), "ref": .string(reference),
        ]
        for event in ["create", "delete"] {
            let made = try #require(context(of: payload, event))
            #expect(made["branch"] == .string(named))
            let trigger = WebhookTriggerConfig(source: "s", filters: ["branches": ["main"]])
            #expect((refusal(of: trigger, type: "github", context: made) == nil) == (kind == "branch"))
        }
    }

    @Test("a long text is cut at 4000 UTF-16 units, never inside a character")
    func cutting() throws {
        for (text, kept) in [
            (String(repeating: "a", count: 4000), String(repeating: "a", count: 4000)),
            (String(repeating: "a", count: 4001), String(repeating: "a", count: 4000) + "..."),
            ("a" + String(repeating: "👍", count: 2100), "a" + String(repeating: "👍", count: 1999) + "..."),
            (String(repeating: "👩‍👩‍👧‍👦", count: 400), String(repeating: "👩‍👩‍👧‍👦", count: 363) + "..."),
        ] {
            let payload: JSONValue = [
                "repository": ["full_name": "a/b"], "issue": ["number": 1, "title": "t", "body": .string(text)],
            ]
            #expect(context(of: payload, "issues")?["body"]?.stringValue == kept)
        }
    }

    private func context(of payload: JSONValue, _ event: String) -> JSONValue? {
        provider.context(of: request([], [("X-GitHub-Event", event)]), payload: payload.node)
    }
}
