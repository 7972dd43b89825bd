package import Domain
import OrderedCollections

/// One request that the gateway passed on for a run.
package struct RelayedModelCall: Sendable {
    /// `provider/id`.
    package var model: String
    /// HTTP status of the answer.
    package var status: Int
    /// What the provider counted; `nil` = nothing.
    package var usage: TokenUsage?
    /// Why the answer broke off.
    package var failure: String?

    /// Collects the facts.
    package init(model: String, status: Int, usage: TokenUsage?, failure: String?) {
        self.model = model
        self.status = status
        self.usage = usage
        self.failure = failure
    }

    /// The fields of the `model call` line in the run's log.
    var fields: OrderedDictionary<String, JSONValue> {
        var fields: OrderedDictionary<String, JSONValue> = ["model": .string(model), "status": .int(status)]
        fields["usage"] = usage?.json
        fields["error"] = failure.map(JSONValue.string)
        return fields
    }
}
