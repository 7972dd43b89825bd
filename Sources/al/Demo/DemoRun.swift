import Domain

/// One ended run of the demo.
struct DemoRun {
    let instance: String
    let agent: String
    let trigger: String
    let state: String
    let duration: String
    let tokens: Int

    init?(_ json: JSONValue) {
        guard let instance = json["instanceId"]?.stringValue, let agent = json["agent"]?.stringValue,
            let state = json["state"]?.stringValue, json["endedAt"] != nil
        else { return nil }
        self.instance = instance
        self.agent = agent
        self.state = state
        let facts = json["trigger"] ?? [:]
        let detail = facts["event"]?.stringValue ?? facts["caller"]?.stringValue
        trigger = (facts["type"]?.stringValue ?? "") + (detail.map { " (\($0))" } ?? "")
        duration = Figure.duration(milliseconds: json["durationMs"])
        tokens = json["usage"]?["totalTokens"]?.intValue ?? 0
    }

    var succeeded: Bool { state == "succeeded" }
}
