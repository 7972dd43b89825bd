package struct TriggerPrompt { package static func suffix(for: Trigger) -> String { "" } }
