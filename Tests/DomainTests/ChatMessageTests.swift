import TestSupport
import Testing

@testable import Domain

@Suite("Messages of a chat")
struct ChatMessageTests {
    static let allOrders: [ChatOrder] = [.userMessage("hello\n\"you\" 🙂"), .cancel, .clear, .shutdown]

    static let allReports: [ChatReport] = [
        .auth(token: "t"), .assistantMessage("", isDone: true), .assistantMessage("a piece", isDone: false),
        .toolStart(id: "1", tool: "bash", input: ["command": "ls"]),
        .toolResult(id: "1", tool: "bash", output: "", isError: true), .error("no"), .heartbeat,
    ]

    @Test("an order is read as it was written", arguments: allOrders)
    func orders(order: ChatOrder) throws { #expect(try ChatOrder(parsing: order.json.compactText) == order) }

    @Test("a report is read as it was written", arguments: allReports)
    func reports(report: ChatReport) throws { #expect(try ChatReport(parsing: report.json.compactText) == report) }

    @Test(
        "what is not exactly an order is refused",
        arguments: [
            ("", .malformed), ("null", .malformed), ("[]", .malformed), (#"{"text":"x"}"#, .malformed),
            (#"{"type":7}"#, .malformed), (#"{"type":"cancel""#, .malformed),
            (#"{"type":"eval"}"#, .unknownType("eval")),
            (#"{"type":"assistant_message","text":"","done":true}"#, .unknownType("assistant_message")),
            (#"{"type":"user_message"}"#, .wrong(member: "text")),
            (#"{"type":"user_message","text":""}"#, .wrong(member: "text")),
            (#"{"type":"user_message","text":["x"]}"#, .wrong(member: "text")),
            (#"{"type":"user_message","text":"x","to":"y"}"#, .unknown(member: "to")),
            (#"{"type":"cancel","text":"x"}"#, .unknown(member: "text")),
        ] as [(String, ChatMessageError)]
    )
    func brokenOrders(text: String, error: ChatMessageError) {
        #expect(throws: error) { try ChatOrder(parsing: text) }
    }

    @Test(
        "what is not exactly a report is refused",
        arguments: [
            ("{}", .malformed), (#"{"type":"cancel"}"#, .unknownType("cancel")),
            (#"{"type":"auth"}"#, .wrong(member: "token")),
            (#"{"type":"assistant_message","text":"x"}"#, .wrong(member: "done")),
            (#"{"type":"assistant_message","text":"x","done":"true"}"#, .wrong(member: "done")),
            (#"{"type":"tool_start","id":"1","tool":"bash","input":"ls"}"#, .wrong(member: "input")),
            (
                #"{"type":"tool_result","id":"1","tool":"bash","output":"x","isError":false,"x":1}"#,
                .unknown(member: "x")
            ),
            (#"{"type":"heartbeat","at":1}"#, .unknown(member: "at")),
        ] as [(String, ChatMessageError)]
    )
    func brokenReports(text: String, error: ChatMessageError) {
        #expect(throws: error) { try ChatReport(parsing: text) }
    }

    @Test(
        "whatever bytes of a message are changed, it is read as a message that reads the same again, or refused",
        arguments: 1...20
    )
    func mutations(seed: UInt64) {
        var random = SeededGenerator(state: seed)
        let texts = Self.allOrders.map(\.json.compactText) + Self.allReports.map(\.json.compactText)
        for _ in 0..<500 {
            var bytes = Array(texts[Int(random.next() % UInt64(texts.count))].utf8)
            for _ in 0...(random.next() % 3) {
                let place = Int(random.next() % UInt64(bytes.count))
                bytes[place] =
                    random.next() % 4 == 0
                    ? UInt8(truncatingIfNeeded: random.next()) : bytes[Int(random.next() % UInt64(bytes.count))]
            }
            let text = String(decoding: bytes, as: UTF8.self)
            if let order = try? ChatOrder(parsing: text) {
                #expect((try? ChatOrder(parsing: order.json.compactText)) == order)
            }
            if let report = try? ChatReport(parsing: text) {
                #expect((try? ChatReport(parsing: report.json.compactText)) == report)
            }
        }
    }
}
