import AsyncHTTPClient
import Benchmark
import Domain
import Foundation
import Harness
import LanguageModels
import TestSupport

/// Conversations with the scripted model.
func turnBenchmarks() {
    Benchmark("A conversation of one turn") { benchmark in
        try await converse(benchmark, script: "turns:\n  - text: Done.\n")
    }
    Benchmark("A conversation of ten turns with `true` in a shell") { benchmark in
        let script = "turns:\n" + String(repeating: "  - calls: [ bash: \"true\" ]\n", count: 9) + "  - text: Done.\n"
        try await converse(benchmark, script: script)
    }
}

private func converse(_ benchmark: Benchmark, script: String) async throws {
    try await withTemporaryDirectory { directory in
        let path = directory + "/script.yaml"
        try script.write(toFile: path, atomically: true, encoding: .utf8)
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations {
            let result = await session(script: try model(script: path), in: directory).run()
            guard case .finished = result.outcome else { return benchmark.error("\(result.outcome)") }
        }
        benchmark.stopMeasurement()
    }
}

private func model(script: String) throws -> any LanguageModel {
    try makeLanguageModel(
        ModelConfig(provider: .scripted, model: "script.yaml"),
        key: nil,
        facts: ScriptFacts(
            agent: "dev",
            trigger: .manual(prompt: nil),
            params: [:],
            date: "2026-01-01",
            scriptPath: script
        ),
        http: .shared,
        clock: ContinuousClock(),
        now: { Date() },
        random: { .random(in: .min ... .max) },
        version: "0"
    )
}

private func session(script model: any LanguageModel, in directory: String) -> Session {
    Session(
        model: model,
        context: ToolContext(
            workingDirectory: directory,
            environment: ["PATH": "/usr/bin:/bin"],
            temporaryDirectory: directory,
            makeID: { UUID().uuidString }
        ),
        system: "Work.",
        prompt: "Go.",
        clock: ContinuousClock(),
        now: { Date() },
        random: { 0.5 },
        onEvent: { _ in }
    )
}
