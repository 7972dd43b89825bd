import Terminal
import Testing

@Suite struct InputHistoryTests {
    @Test("nothing twice in a row, nothing empty, and no more than the limit")
    func adding() {
        var history = InputHistory()
        for text in ["a", "a", "", "b"] { history.add(text) }
        #expect(history.entries == ["a", "b"])
        for number in 0..<InputHistory.limit { history.add("\(number)") }
        #expect(history.entries.count == InputHistory.limit)
        #expect(history.entries.first == "0")
    }

    @Test("at both ends there is nothing further")
    func ends() {
        var history = InputHistory(["a"])
        #expect(history.later() == nil)
        #expect(history.earlier(than: "draft") == "a")
        #expect(history.earlier(than: "a") == nil)
        #expect(history.later() == "draft")
        #expect(history.later() == nil)
    }
}
