import Domain
import Foundation
import Gateway
import Storage

/// Follows a run that was just ordered to its end, printing its conversation.
struct RunFollower {
    private static let pause = Duration.milliseconds(300)
    /// A scheduler that is away for longer does not come back by itself.
    private static let patience = Duration.seconds(600)

    /// Who knows what became of an order.
    private enum Source {
        case scheduler(GatewayClient)
        /// The state file, where no scheduler runs.
        case files(HistoryDocuments)
    }

    let context: ProjectContext
    let client: GatewayClient
    let source: LogSource
    let agent: String
    /// Print nothing on the way.
    let isQuiet: Bool

    /// Waits for the end of the run that an answer to a trigger names.
    ///
    /// - Returns: the run as the gateway shows it.
    /// - Throws: ``Failure`` when the item was dropped before it became a run.
    func follow(_ answer: JSONValue) async throws -> JSONValue {
        let instance = try await instance(of: answer)
        var query = LogQuery(name: agent)
        query.instance = instance
        var follower = LogFollower(source: source, query: query)
        let view = LogPrinter.conversation()
        return try await untilDone { source in
            // Asked before reading, so that nothing written before the end is left out.
            let run = try await run(instance, in: source)
            if case .files = source { follower.readFiles(context.logFiles()) }
            for entry in try await follower.next() where !isQuiet { view.print(entry) }
            return run["endedAt"] == nil ? nil : run
        }
    }

    /// Asks again and again until there is an answer; a scheduler that comes back, at another port too, goes on with what it was told.
    private func untilDone<Answer>(_ ask: (Source) async throws -> Answer?) async throws -> Answer {
        let clock = ContinuousClock()
        var client = client
        var away: ContinuousClock.Instant?
        while true {
            do {
                if let answer = try await ask(.scheduler(client)) { return answer }
                away = nil
            } catch let error as GatewayClientError where error.mayPass {
                if away == nil { Console.error("\(error) Waiting for it.") }
                let since = away ?? clock.now
                away = since
                guard since.duration(to: clock.now) < Self.patience else { throw error }
                if (try? context.isLocal) == true {
                    if error.meansNoScheduler, let answer = try await recorded(ask) { return answer }
                    client = (try? context.gatewayClient()) ?? client
                }
            }
            try await clock.sleep(for: Self.pause)
        }
    }

    /// What the state file says; one that cannot be read now may be readable at the next look.
    private func recorded<Answer>(_ ask: (Source) async throws -> Answer?) async throws -> Answer? {
        do {
            guard let documents = try await context.historyDocuments() else { return nil }
            return try await ask(.files(documents))
        } catch let error as StorageError where error.code != .corrupt {
            return nil
        }
    }

    private func run(_ instance: String, in source: Source) async throws -> JSONValue {
        let path = "/api/runs/\(instance.percentEncoded)"
        return try await document(path, of: source) { try await $0.run(instance) }["run"] ?? [:]
    }

    private func runs(in source: Source) async throws -> [JSONValue] {
        let path = "/api/stats/agents/\(agent.percentEncoded)/runs?limit=50"
        return try await document(path, of: source) {
            try await $0.runs(of: AgentName(agent), state: nil, since: nil, page: 1, limit: 50)
        }["runs"]?.arrayValue ?? []
    }

    private func dropped(in source: Source) async throws -> [JSONValue] {
        let path = "/api/queue?state=dropped&agent=\(agent.percentEncoded)"
        return try await document(path, of: source) {
            try await $0.queue(ItemQuery(agent: AgentName(agent), state: .dropped))
        }["items"]?.arrayValue ?? []
    }

    /// Empty when the files know of none.
    private func document(
        _ path: String,
        of source: Source,
        offline: (HistoryDocuments) async throws -> JSONValue?
    ) async throws -> JSONValue {
        switch source {
        case .scheduler(let client): try await client.get(path)
        case .files(let documents): try await context.masked(offline(documents) ?? [:])
        }
    }

    /// The run of the answer, which may have to wait in the queue first.
    private func instance(of answer: JSONValue) async throws -> String {
        if let instance = answer["instanceId"]?.stringValue { return instance }
        guard let item = answer["itemId"]?.stringValue else {
            throw Failure("Error: the gateway named no run to wait for.")
        }
        return try await untilDone { source in
            let run = try await runs(in: source).first { $0["itemId"]?.stringValue == item }
            if let instance = run?["instanceId"]?.stringValue { return instance }
            if let gone = try await dropped(in: source).first(where: { $0["id"]?.stringValue == item }) {
                throw Failure("Error: the order was dropped: \(gone["reason"]?.stringValue ?? "no reason").")
            }
            return nil
        }
    }
}
