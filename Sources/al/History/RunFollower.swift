import Domain
import Foundation
import Gateway

/// Follows a run that was just ordered to its end, printing its conversation.
struct RunFollower {
    private static let pause = Duration.milliseconds(300)

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
        return try await untilDone {
            // Asked before reading, so that nothing written before the end is left out.
            let run = try await client.get("/api/runs/\(instance.percentEncoded)")["run"] ?? [:]
            for entry in try await follower.next() where !isQuiet { view.print(entry) }
            return run["endedAt"] == nil ? nil : run
        }
    }

    /// Asks again and again until there is an answer; a scheduler that goes away and comes back goes on with what it was told.
    private func untilDone<Answer>(_ ask: () async throws -> Answer?) async throws -> Answer {
        var isAway = false
        while true {
            do {
                if let answer = try await ask() { return answer }
                isAway = false
            } catch let error as GatewayClientError where error.mayPass {
                if !isAway { Console.error("\(error) Waiting for it.") }
                isAway = true
            }
            try await ContinuousClock().sleep(for: Self.pause)
        }
    }

    /// The run of the answer, which may have to wait in the queue first.
    private func instance(of answer: JSONValue) async throws -> String {
        if let instance = answer["instanceId"]?.stringValue { return instance }
        guard let item = answer["itemId"]?.stringValue else {
            throw Failure("Error: the gateway named no run to wait for.")
        }
        return try await untilDone {
            let runs = try await client.get("/api/stats/agents/\(agent.percentEncoded)/runs?limit=50")["runs"]
            let run = runs?.arrayValue?.first { $0["itemId"]?.stringValue == item }
            if let instance = run?["instanceId"]?.stringValue { return instance }
            let dropped = try await client.get("/api/queue?state=dropped&agent=\(agent.percentEncoded)")["items"]
            if let gone = dropped?.arrayValue?.first(where: { $0["id"]?.stringValue == item }) {
                throw Failure("Error: the order was dropped: \(gone["reason"]?.stringValue ?? "no reason").")
            }
            return nil
        }
    }
}
