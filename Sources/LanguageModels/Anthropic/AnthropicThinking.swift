import Domain

/// How a request of the Anthropic Messages API asks for thinking.
struct AnthropicThinking: Hashable, Sendable {
    /// The `thinking` member of the request, if any.
    var thinking: JSONValue?
    /// The `output_config` member of the request, if any.
    var outputConfig: JSONValue?
    var maxTokens: Int
    /// Budget thinking between tool calls needs a beta header.
    var needsInterleavedBeta = false

    /// Works out the members for a level.
    ///
    /// - Parameters:
    ///   - level: `nil` leaves the provider's default.
    ///   - info: the model.
    ///   - limit: output tokens the caller wants at most.
    init(level: ThinkingLevel?, info: ModelInfo, limit: Int?) {
        let base = min(info.maxOutputTokens, 32000, limit ?? .max)
        maxTokens = base
        guard let level, info.canReason else { return }
        let version = AnthropicVersion(info.id)
        if version >= Self.adaptive {
            setAdaptive(level, version: version, family: info.id)
        } else if let budget = Self.budgets[level] {
            setBudget(budget, base: base, most: min(info.maxOutputTokens, limit ?? .max))
        }
    }

    /// From here on models think as much as they find right; before, as much as they are told.
    static let adaptive = AnthropicVersion(4, 6)

    /// From 5.5 on the largest models think always; the least effort is the nearest to off.
    static func isAlwaysOn(_ id: String) -> Bool {
        AnthropicVersion(id) >= AnthropicVersion(5, 5) && id.contains("opus")
    }

    private static let budgets: [ThinkingLevel: Int] = [
        .minimal: 1024, .low: 2048, .medium: 8192, .high: 16384, .xhigh: 32768,
    ]

    private mutating func setBudget(_ budget: Int, base: Int, most: Int) {
        let total = min(base + budget, most)
        let usable = total <= budget ? total - 1024 : budget
        guard usable >= 1024 else { return }
        maxTokens = total
        thinking = ["type": "enabled", "budget_tokens": .int(usable)]
        needsInterleavedBeta = true
    }

    private mutating func setAdaptive(_ level: ThinkingLevel, version: AnthropicVersion, family: String) {
        let effort: JSONValue
        switch level {
        case .off:
            guard version >= AnthropicVersion(5, 0) else { return }
            guard Self.isAlwaysOn(family) else {
                thinking = ["type": "disabled"]
                return
            }
            effort = "low"
        case .minimal, .low: effort = "low"
        case .medium: effort = "medium"
        case .high: effort = "high"
        case .xhigh:
            if version >= AnthropicVersion(4, 7) {
                effort = "xhigh"
            } else {
                effort = family.contains("opus") ? "max" : "high"
            }
        }
        thinking = ["type": "adaptive", "display": "summarized"]
        outputConfig = ["effort": effort]
    }
}

/// The version inside a model id: `claude-<family>-<major>-<minor>` or `claude-<major>-<minor>-<family>`.
struct AnthropicVersion: Hashable, Comparable, Sendable {
    let major: Int
    let minor: Int

    init(_ major: Int, _ minor: Int) {
        self.major = major
        self.minor = minor
    }

    init(_ id: String) {
        // A date has eight digits and is no version.
        let numbers = id.split(whereSeparator: { $0 == "-" || $0 == "." }).compactMap { Int($0) }.filter { $0 < 100 }
        self.init(numbers.first ?? 0, numbers.dropFirst().first ?? 0)
    }

    static func < (left: AnthropicVersion, right: AnthropicVersion) -> Bool {
        (left.major, left.minor) < (right.major, right.minor)
    }
}
