package import Domain
import OrderedCollections

/// Takes secrets out of every line before it is written.
///
/// Runs do so themselves for what they know; this is for everything else that may repeat a value, such as an error text.
package struct RedactedLogSink: LogSink {
    private let sink: any LogSink
    private let redact: @Sendable (String) -> String

    /// Writes to a sink what `redact` leaves of each text.
    package init(_ sink: any LogSink, redact: @escaping @Sendable (String) -> String) {
        self.sink = sink
        self.redact = redact
    }

    package func write(_ entry: LogEntry) {
        var entry = entry
        entry.message = redact(entry.message)
        entry.fields = entry.fields.mapValues { $0.mappingStrings(redact) }
        sink.write(entry)
    }

    package func appendTranscript(_ line: String, of instance: InstanceID) {
        sink.appendTranscript(redact(line), of: instance)
    }
}
