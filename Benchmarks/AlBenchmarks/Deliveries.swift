import Benchmark
import Domain
import Storage
import TestSupport
import Webhooks

/// From an accepted webhook to its commit, and whom it concerns.
func deliveryBenchmarks() {
    for width in [1, 16] {
        Benchmark("Deliveries of 8 KB committed, \(width) at once") { benchmark in
            try await withTemporaryStore { store in
                let body = Payload.issue(bytes: 8192)
                benchmark.startMeasurement()
                for round in benchmark.scaledIterations {
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for number in 0..<width {
                            group.addTask {
                                let id = "\(round)-\(number)"
                                var delivery = try StoreSamples.delivery(id, providerID: id, limit: .max)
                                delivery.body = body
                                _ = try await store.record(delivery)
                            }
                        }
                        try await group.waitForAll()
                    }
                }
                benchmark.stopMeasurement()
            }
        }
    }
    Benchmark("A delivery matched with 200 agents") { benchmark in
        let triggers = (0..<200).map { number in
            WebhookTriggerConfig(
                source: "hub",
                filters: ["events": ["issues", "push"], "repos": ["acme/app-\(number)"], "labels": ["bug"]]
            )
        }
        let context: JSONValue = [
            "source": "github", "event": "issues", "action": "opened", "repo": "acme/app-199", "labels": ["bug"],
        ]
        for _ in benchmark.scaledIterations {
            blackHole(triggers.count { matches($0, type: "github", context: context).isMatch })
        }
    }
}
