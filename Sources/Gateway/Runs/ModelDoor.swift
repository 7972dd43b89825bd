package import NIOCore

/// Passes on what runs without a network ask their models, with the keys that they do not have.
package protocol ModelDoor: Sendable {
    /// Sends one request of a run.
    ///
    /// - Returns: the answer, from its head on.
    /// - Throws: ``ModelRefusal``.
    func send(_ call: ModelCall) async throws(ModelRefusal) -> ModelAnswer
}

/// A run's request to one of its models.
package struct ModelCall: Sendable {
    /// What the run has in place of the key.
    package var token: String
    /// The model's name among those of the run's agent.
    package var model: String
    /// Behind that name, with the query.
    package var path: String
    /// Without those that carry the token.
    package var headers: [(String, String)]
    package var body: any AsyncSequence<ByteBuffer, any Error> & Sendable
    /// Of the body, in bytes.
    package var length: Int
}

/// What came of a ``ModelCall``.
package struct ModelAnswer: Sendable {
    /// HTTP status.
    package var status: Int
    package var headers: [(String, String)]
    package var body: any AsyncSequence<ByteBuffer, any Error> & Sendable
    /// Told once when the body is over for the run, and what cut it short.
    package var ended: @Sendable (_ failure: (any Error)?) async -> Void

    /// Collects the parts.
    package init(
        status: Int,
        headers: [(String, String)],
        body: any AsyncSequence<ByteBuffer, any Error> & Sendable,
        ended: @escaping @Sendable (_ failure: (any Error)?) async -> Void
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.ended = ended
    }
}

/// Why a ``ModelCall`` was not passed on.
package enum ModelRefusal: Error, Hashable, Sendable {
    /// No live run has this token.
    case unknownToken
    /// The run's agent has no such model, or its client never asks for this path.
    case notFound
    /// The model's server did not answer.
    case unreachable(String)
}
