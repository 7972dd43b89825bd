import Domain
import Hummingbird
import Scheduler
import Storage

/// Server-sent events with the transcript of one run, to its end.
struct RunStream {
    private static let pageSize = 50

    let operators: any OperatorPlane
    let transcripts: TranscriptReader
    let clock: any Clock<Duration>
    /// Hides the values of stored credentials; a transcript has none.
    let mask: @Sendable (String) throws -> String

    var all: [Route] {
        [
            Route(.get, "/api/runs/:instance/stream", plane: .operators) { call in
                let run = try await operators.requireRun(call["instance"])
                let last = call.lastEventID.flatMap { Int($0) }.flatMap { $0 < .max ? $0 : nil }
                return call.events { try await follow(run.instance, after: last, $0) }
            }
        ]
    }

    private func follow(_ instance: InstanceID, after last: Int?, _ backlog: EventBacklog) async throws {
        var place = TranscriptReader.Place(sequence: last.map { $0 + 1 } ?? 0)
        var quiet = 0
        for await _ in EverySecond(clock: clock) {
            // Asked before reading: what a run wrote is in the file before its end is in the store.
            let run = try await operators.history.run(instance.run)
            while true {
                let page = try transcripts.read(instance, from: place, count: Self.pageSize)
                for line in page.lines {
                    try await backlog.offerInTurn(ServerEvent.data(line.text, id: "\(line.sequence)"))
                    quiet = 0
                }
                place = page.next
                if page.lines.isEmpty { break }
            }
            if let run, run.state.isFinal {
                return try backlog.offer(ServerEvent.data(mask(run.json.compactText), event: "end"))
            }
            quiet += 1
            if quiet.isMultiple(of: LogStream.heartbeat) { try backlog.offer(ServerEvent.heartbeat) }
        }
    }
}
