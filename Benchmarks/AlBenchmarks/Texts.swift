import Benchmark
import Credentials
import Domain

/// Reading and writing JSON, and hiding secrets.
func textBenchmarks() {
    Benchmark("JSON of 8 KB parsed") { benchmark in
        let body = Payload.issue(bytes: 8192)
        for _ in benchmark.scaledIterations { blackHole(try JSONValue(parsing: body)) }
    }
    Benchmark("JSON of 8 KB checked, two texts read") { benchmark in
        let body = Payload.issue(bytes: 8192)
        for _ in benchmark.scaledIterations {
            let event = try JSONDocument(parsing: body).root
            blackHole(event["issue"]?["title"]?.stringValue)
            blackHole(event["sender"]?["login"]?.stringValue)
        }
    }
    Benchmark("JSON of 8 KB written") { benchmark in
        let value = try JSONValue(parsing: Payload.issue(bytes: 8192))
        for _ in benchmark.scaledIterations { blackHole(value.compactText) }
    }
    Benchmark("64 KB redacted of ten secrets") { benchmark in
        let redactor = Redactor(
            (0..<10).map { Secret(type: "t\($0)", field: "token", value: "ghp_\($0)0123456789abcdefghijklmnop") }
        )
        let text = String(decoding: Payload.issue(bytes: 65_536), as: UTF8.self)
        for _ in benchmark.scaledIterations { blackHole(redactor.redact(text)) }
    }
}
