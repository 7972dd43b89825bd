package import Domain

extension ModelConfig {
    /// What a configured thinking level does not do with this model; `nil` when it does what it says.
    package var thinkingNote: String? {
        guard let level = thinkingLevel else { return nil }
        guard ModelTable.info(for: self).canReason else {
            return "thinkingLevel has no effect: the model does not think"
        }
        switch provider {
        case .anthropic where level == .off && AnthropicThinking.isAlwaysOn(model):
            return "thinkingLevel off has little effect: the model always thinks, and is asked for the least effort"
        case .openai where wireFormat == .chat, .custom where wireFormat ?? .chat == .chat, .groq, .openrouter, .xai:
            return ChatDialect(self).thinking == .none
                ? "thinkingLevel has no effect: this server cannot be told how much to think" : nil
        default: return nil
        }
    }
}
