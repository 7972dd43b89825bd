import Domain
import Foundation
import Harness

/// The recorded runs of a project: its own files, or what its scheduler elsewhere has.
struct RecordedRuns {
    /// Lines that are asked for at a time.
    private static let page = 1000

    private let context: ProjectContext

    /// Names the project.
    init(_ context: ProjectContext) { self.context = context }

    /// Reads the transcript of one run.
    ///
    /// - Throws: ``Failure`` when there is none, or it is none, or the run never spoke with a model.
    func load(_ instance: String) async throws -> RecordedRun {
        guard let id = InstanceID(instance) else {
            throw Failure(
                "Error: \"\(instance)\" is no run. Name it like dev-a1b2c3d4; `al stat` and `al logs` show the ids."
            )
        }
        let path = "\(context.directory)/.al/transcripts/\(id).jsonl"
        let text: String
        if let data = FileManager.default.contents(atPath: path) {
            text = String(decoding: data, as: UTF8.self)
        } else {
            text = try await fetched(id)
        }
        guard !text.isEmpty else {
            throw Failure("Error: \(id) has no conversation: it ran a script, or ended before it asked its model.")
        }
        do {
            return try RecordedRun(parsing: text)
        } catch {
            throw Failure("Error: the transcript of \(id) cannot be used: \(error).")
        }
    }

    private func fetched(_ id: InstanceID) async throws -> String {
        var lines: [String] = []
        var next: Int? = 0
        do {
            let client = try context.gatewayClient()
            while let from = next {
                let answer = try await client.get("/api/runs/\(id)/transcript?from=\(from)&limit=\(Self.page)")
                lines += (answer["entries"]?.arrayValue ?? []).map(\.compactText)
                next = answer["next"]?.intValue
            }
        } catch let error as GatewayClientError
            where error.code == .notFound || error.meansNoScheduler && (try? context.isLocal) == true
        {
            throw Failure(
                "Error: there is no transcript of \(id) in \(context.directory)/.al/transcripts, and no scheduler has it."
            )
        }
        return lines.map { $0 + "\n" }.joined()
    }
}
