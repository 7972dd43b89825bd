import Terminal
import Testing

@Suite struct EditableTextTests {
    private func typed(_ keys: [Key], in text: String = "") -> EditableText {
        var edited = EditableText(text)
        for key in keys { edited.handle(key) }
        return edited
    }

    @Test("keys edit where the cursor stands")
    func editing() {
        #expect(typed([.character("a"), .character("c"), .left, .character("b")]).text == "abc")
        #expect(typed([.backspace, .home, .delete, .backspace], in: "abc").text == "b")
        #expect(typed([.deleteWord], in: "one two  ").text == "one ")
        #expect(typed([.deleteLine], in: "one").isEmpty)
        #expect(typed([.left, .left, .left, .right, .character("x")], in: "ab").text == "axb")
    }

    @Test("a mark joins the character before it, and both are deleted together")
    func marks() {
        let text = typed([.character("e"), .character("\u{301}"), .character("日")])
        #expect(text.characters == ["é", "日"])
        #expect(typed([.backspace, .backspace], in: text.text).isEmpty)
    }

    @Test("other keys are not its own")
    func others() {
        var text = EditableText("a")
        let handled = [Key.enter, .up, .newLine, .interrupt].map { text.handle($0) }
        #expect(handled == [false, false, false, false])
        #expect(text.text == "a")
    }
}
