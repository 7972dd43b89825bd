package import Domain
package import FoundationEssentials

/// A call about to be stored.
package struct NewCall: Hashable, Sendable {
    /// UUID.
    package var id: String
    package var caller: InstanceID
    package var target: AgentName
    /// Of the run it starts: the caller's plus one.
    package var depth: Int
    package var createdAt: Date

    /// Collects the facts.
    package init(id: String, caller: InstanceID, target: AgentName, depth: Int, createdAt: Date) {
        self.id = id
        self.caller = caller
        self.target = target
        self.depth = depth
        self.createdAt = createdAt
    }
}

/// A stored call: an edge between two runs.
package struct CallRecord: Hashable, Sendable {
    package var id: String
    package var caller: InstanceID
    package var target: AgentName
    /// The run that serves it; `nil` while it waits.
    package var callee: InstanceID?
    package var depth: Int
    package var state: CallState
    package var createdAt: Date
    package var endedAt: Date?
    package var returnValue: String?
    /// The return value was longer than is kept.
    package var isReturnValueCut: Bool
    package var errorMessage: String?

    /// Collects the facts.
    package init(
        id: String,
        caller: InstanceID,
        target: AgentName,
        callee: InstanceID? = nil,
        depth: Int,
        state: CallState,
        createdAt: Date,
        endedAt: Date? = nil,
        returnValue: String? = nil,
        isReturnValueCut: Bool = false,
        errorMessage: String? = nil
    ) {
        self.id = id
        self.caller = caller
        self.target = target
        self.callee = callee
        self.depth = depth
        self.state = state
        self.createdAt = createdAt
        self.endedAt = endedAt
        self.returnValue = returnValue
        self.isReturnValueCut = isReturnValueCut
        self.errorMessage = errorMessage
    }
}
