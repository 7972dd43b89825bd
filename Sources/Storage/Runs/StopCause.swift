/// Why a run was ordered to end.
package enum StopCause: Hashable, Sendable {
    /// Somebody ordered it; the reason stands in the run's record.
    case killed(String)
    /// A daily budget is spent.
    case budget(String)
    /// Its time was over.
    case timeout
}

extension StopCause {
    /// Reads what is stored of one; `nil` = there was no order.
    init?(kind: String?, reason: String?) {
        switch kind {
        case "killed": self = .killed(reason ?? "killed")
        case "budget": self = .budget(reason ?? "")
        case "timeout": self = .timeout
        default: return nil
        }
    }

    /// What is stored of it, with ``reason``.
    var kind: String {
        switch self {
        case .killed: "killed"
        case .budget: "budget"
        case .timeout: "timeout"
        }
    }

    var reason: String? {
        switch self {
        case .killed(let reason), .budget(let reason): reason
        case .timeout: nil
        }
    }
}
