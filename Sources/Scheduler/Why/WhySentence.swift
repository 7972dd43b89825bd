/// One recorded fact in words, and the record it stands in.
package struct WhySentence: Hashable, Sendable {
    package var text: String
    /// `run dev-a1b2c3d4`, `slot 2026-01-15 10:00`, `delivery …`; `nil` where the configuration or the moment says it.
    package var record: String?

    /// Joins both.
    package init(_ text: String, record: String? = nil) {
        self.text = text
        self.record = record
    }
}

/// What `al why` answers.
package struct WhyAnswer: Hashable, Sendable {
    /// An agent, an instance id, a receipt id or the id of a work item.
    package var target: String
    package var sentences: [WhySentence]

    /// Collects both.
    package init(target: String, sentences: [WhySentence]) {
        self.target = target
        self.sentences = sentences
    }
}
