import Domain
import Foundation
import TestSupport
import Testing

@Suite("15.2 Every in-run command against every answer")
struct CommandMatrixTests {
    /// A command and what it prints and returns when the gateway answers with a status.
    struct Row: Sendable, CustomTestStringConvertible {
        /// How a command treats the answer.
        enum Kind: Sendable {
            /// It says what the gateway said, and its exit code is the status's.
            case relays
            /// It says what the gateway said and ends with 0.
            case alwaysSucceeds
            /// The answer does not matter: the file counts.
            case ignores
            /// One call, looked at once.
            case waits
        }

        let name: String
        let arguments: [String]
        let kind: Kind
        var testDescription: String { name }

        func expected(_ status: Int, body: String) -> CommandFixture.Outcome {
            switch kind {
            case .relays: .init(code: CommandMatrixTests.codes[status] ?? 7, line: body)
            case .alwaysSucceeds: .init(code: 0, line: body)
            case .ignores: .init(code: 0, line: #"{"ok":true}"#)
            case .waits: wait(status, body: body)
            }
        }

        private func wait(_ status: Int, body: String) -> CommandFixture.Outcome {
            switch status {
            case 200: .init(code: 0, line: #"{"id":\#(body)}"#)
            case 500...: .init(code: 8, line: #"{"id":{"status":"pending"}}"#)
            default:
                .init(
                    code: CommandMatrixTests.codes[status] ?? 7,
                    line: #"{"id":{"status":"error","errorMessage":"why"}}"#
                )
            }
        }
    }

    static let codes: [Int: Int32] = [
        200: 0, 400: 4, 403: 3, 404: 2, 409: 1, 410: 7, 413: 4, 500: 12, 502: 10, 503: 5, 504: 11,
    ]

    static let rows: [Row] = [
        Row(name: "al-status", arguments: ["text"], kind: .ignores),
        Row(name: "al-rerun", arguments: [], kind: .ignores),
        Row(name: "al-return", arguments: ["value"], kind: .ignores),
        Row(name: "al-exit", arguments: ["3"], kind: .ignores),
        Row(name: "al-call", arguments: ["dev"], kind: .relays),
        Row(name: "al-check", arguments: ["id"], kind: .relays),
        Row(name: "al-wait", arguments: ["id", "--timeout", "0"], kind: .waits),
        Row(name: "rlock", arguments: ["key"], kind: .relays),
        Row(name: "runlock", arguments: ["key"], kind: .relays),
        Row(name: "rlock-heartbeat", arguments: ["key"], kind: .relays),
        Row(name: "al-shutdown", arguments: [], kind: .alwaysSucceeds),
        Row(name: "al-subagent", arguments: ["dev"], kind: .relays),
        Row(name: "al-subagent-check", arguments: ["id"], kind: .relays),
        Row(name: "al-subagent-wait", arguments: ["id", "--timeout", "0"], kind: .waits),
    ]

    @Test("exit code and one line of JSON for each status", arguments: rows, Array(codes.keys))
    func answers(row: Row, status: Int) async throws {
        let body = #"{"status":"completed","ok":false,"error":"why","reason":"why"}"#
        try await FakeGateway.serving({ _ in (status, body) }) { base, _ in
            let fixture = CommandFixture(gateway: base)
            defer { fixture.clean() }
            let outcome = try await fixture.run(row.name, row.arguments)
            #expect(outcome == row.expected(status, body: body))
            #expect((try? JSONValue(parsing: outcome.line)) != nil)
        }
    }
}
