import Domain
import Testing
import Webhooks

@Suite("Filters")
struct FilterTests {
    private static let context: JSONValue = [
        "event": "issues", "action": "opened", "repo": "Acme/App", "labels": ["bug", "urgent"], "assignee": "Ann",
        "author": "Bob", "branch": "main", "conclusion": "failure",
    ]
    private static let rows: [(filter: String, fits: [String], fails: [String], key: String, passesAbsent: Bool)] = [
        ("events", ["push", "issues"], ["push", "Issues"], "event", false),
        ("resources", ["issues"], ["error"], "event", false),
        ("actions", ["opened"], ["closed"], "action", false),
        ("repos", ["acme/app"], ["acme/other"], "repo", false),
        ("projects", ["Acme/App"], ["x"], "repo", false),
        ("org", ["ACME"], ["acm"], "repo", false),
        ("orgs", ["other", "Acme"], ["App"], "repo", false),
        ("organizations", ["Acme/App"], ["acme/app"], "repo", false),
        ("labels", ["bug", "urgent"], ["bug", "other"], "labels", false),
        ("labelsAny", ["bug", "other"], ["other"], "labels", false),
        ("assignee", ["ann"], ["bob"], "assignee", false),
        ("author", ["BOB"], ["ann"], "author", false),
        ("branches", ["main"], ["Main"], "branch", true),
        ("conclusions", ["failure", "success"], ["success"], "conclusion", true),
    ]

    private func verdict(_ filters: [String: [String]], _ context: JSONValue = context, type: String = "github")
        -> FilterVerdict
    {
        matches(WebhookTriggerConfig(source: "s", filters: filters), type: type, context: context)
    }

    @Test("each field: match, mismatch, absent, empty list", arguments: rows)
    func matrix(filter: String, fits: [String], fails: [String], key: String, passesAbsent: Bool) {
        var absent = Self.context
        absent[key] = nil
        #expect(verdict([filter: fits]).isMatch)
        #expect(!verdict([filter: fails]).isMatch)
        #expect(verdict([filter: fits], absent).isMatch == passesAbsent)
        #expect(verdict([filter: []], absent).isMatch)
    }

    @Test("adding a filter never turns a refusal into a match")
    func monotone() {
        let choices = Self.rows.flatMap { [($0.filter, $0.fits), ($0.filter, $0.fails)] }
        for (first, values) in choices {
            for (second, others) in choices where first != second {
                // Aliases widen each other: their values form one list.
                let aliases: [Set<String>] = [["repos", "projects"], ["org", "orgs"]]
                guard !aliases.contains([first, second]), !verdict([first: values]).isMatch else { continue }
                #expect(!verdict([first: values, second: others]).isMatch, "\(first) + \(second)")
            }
        }
    }

    @Test("a workflow run without conclusion fails a conclusions filter; the verdict names filter and values")
    func special() {
        let requested: JSONValue = ["event": "workflow_run", "repo": "a/b", "conclusion": .null]
        #expect(
            verdict(["conclusions": ["failure"]], requested)
                == .refused(filter: "conclusions", expected: ["failure"], found: nil)
        )
        #expect(verdict(["repos": ["acme/app"]], type: "test").isMatch == false)
        #expect(verdict(["author": ["x"]]) == .refused(filter: "author", expected: ["x"], found: "Bob"))
    }

    @Test("a form field is decoded byte by byte")
    func form() {
        let value = FormBody.value(of: "payload", in: Array("a=1&payload=%7B%22a%22%3A+1%7D&b".utf8))
        #expect(value.map { String(decoding: $0, as: UTF8.self) } == #"{"a": 1}"#)
        #expect(FormBody.value(of: "payload", in: Array("payloads=1".utf8)) == nil)
        #expect(FormBody.value(of: "payload", in: Array("payload=%zz".utf8)) == nil)
        #expect(FormBody.value(of: "payload", in: Array("payload=%4".utf8)) == nil)
    }
}
