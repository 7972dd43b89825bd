enum HarnessSession {
    static func run(_ request: SessionRequest, _ reporter: RunReporter) async throws -> WorkEnd {
        .finished
    }
}
