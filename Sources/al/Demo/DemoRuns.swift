import Domain

/// The runs of one demo, without those of earlier ones in the same directory.
struct DemoRuns {
    private let agents: [String]
    private let client: GatewayClient
    private var earlier: Set<String> = []

    /// Takes every run that there is by now for an earlier demo's.
    init(of agents: [String], _ client: GatewayClient) async throws {
        self.agents = agents
        self.client = client
        earlier = Set(try await newest().compactMap { $0["instanceId"]?.stringValue })
    }

    /// The runs of this demo that have ended, each agent's newest first.
    func ended() async throws -> [DemoRun] {
        try await newest().compactMap(DemoRun.init).filter { !earlier.contains($0.instance) }
    }

    /// Whether an entry of a log was not written by a run of an earlier demo.
    func includes(_ entry: JSONValue) -> Bool { !(entry["instance"]?.stringValue.map(earlier.contains) ?? false) }

    private func newest() async throws -> [JSONValue] {
        var runs: [JSONValue] = []
        for agent in agents {
            let answer = try await client.get("/api/stats/agents/\(agent)/runs?limit=50")
            runs += answer["runs"]?.arrayValue ?? []
        }
        return runs
    }
}
