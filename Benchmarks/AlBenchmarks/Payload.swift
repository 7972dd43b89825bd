import Domain

/// Bodies of webhooks, shaped like those of real senders.
enum Payload {
    /// An issue event with the addresses that GitHub repeats in every object, filled up with text.
    static func issue(bytes: Int) -> [UInt8] {
        let kinds = ["archive", "assignees", "blobs", "branches", "clone", "comments", "commits", "events", "forks"]
        var repository: JSONValue = ["full_name": "acme/app", "id": 1_296_269, "private": false]
        for kind in kinds { repository["\(kind)_url"] = .string("https://api.github.com/repos/acme/app/\(kind){/sha}") }
        var payload: JSONValue = [
            "action": "opened",
            "issue": [
                "number": 7, "title": "Found a bug", "labels": [["name": "bug"]], "user": ["login": "octo"],
                "html_url": "https://github.com/acme/app/issues/7", "body": "",
            ],
            "repository": repository, "sender": ["login": "octo"],
        ]
        let missing = max(0, bytes - payload.compactText.utf8.count)
        payload["text"] = .string(String(repeating: "It \"breaks\" here.\n", count: missing / 20))
        return Array(payload.compactText.utf8)
    }
}
