package import Domain

extension Trigger {
    /// Reads the trigger back from what the run was given: the word in `AL_TRIGGER` and the trigger part of the prompt.
    ///
    /// Ids that the prompt does not show are empty or zero.
    ///
    /// - Parameters:
    ///   - kind: the word; anything else counts as manual.
    ///   - prompt: the trigger part, or a whole prompt that holds it.
    package init(kind: String?, prompt: String) {
        switch kind.flatMap(TriggerKind.init(rawValue:)) {
        case .webhook:
            let context = Self.document("webhook-trigger", in: prompt) ?? [:]
            self = .webhook(
                WebhookTriggerFacts(
                    deliveryID: "",
                    source: context["source"]?.stringValue ?? "",
                    event: context["event"]?.stringValue ?? "",
                    context: context
                )
            )
        case .call:
            self = Self.call(Self.document("agent-call", in: prompt) ?? [:])
        case .schedule: self = .schedule(slot: nil)
        case .manual, nil: self = .manual(prompt: Self.content("user-prompt", in: prompt))
        }
    }

    private static func call(_ json: JSONValue) -> Trigger {
        // Without a caller's name there is no call; the prompt says what is to be done in any case.
        guard let name = json["caller"]?.stringValue, let agent = try? AgentName(name) else {
            return .manual(prompt: nil)
        }
        return .call(
            CallTriggerFacts(
                callID: "",
                caller: InstanceID(agent: agent, run: RunID(bits: 0)),
                depth: 1,
                chain: [agent],
                context: json["context"]?.stringValue ?? ""
            )
        )
    }

    private static func document(_ block: String, in text: String) -> JSONValue? {
        // What is no JSON was not written by the launcher.
        content(block, in: text).flatMap { try? JSONValue(parsing: $0) }
    }

    private static func content(_ block: String, in text: String) -> String? {
        guard let open = text.firstRange(of: "<\(block)>\n"),
            let close = text[open.upperBound...].firstRange(of: "\n</\(block)>")
        else { return nil }
        return String(text[open.upperBound..<close.lowerBound])
    }
}
