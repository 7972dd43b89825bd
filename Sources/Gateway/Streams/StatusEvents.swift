import Hummingbird

/// The status as an event, made once for all clients that ask at the same time.
///
/// Nobody gets an event whose making began before they asked, so that the last change always reaches everybody: whoever asks while one
/// is being made shares the next one with all others who do.
actor StatusEvents {
    private typealias Making = Task<ByteBuffer, any Error>

    private let make: @Sendable () async throws -> ByteBuffer
    private var current: Making?
    /// Begins when the current one ends.
    private var following: Making?

    /// Makes events by a closure, never two at once.
    init(_ make: @escaping @Sendable () async throws -> ByteBuffer) { self.make = make }

    /// An event that is no older than the call.
    ///
    /// - Throws: what making it throws.
    func latest() async throws -> ByteBuffer {
        let making = joined()
        let result = await making.result
        if current == making {
            (current, following) = (following, nil)
        } else if following == making {
            (current, following) = (nil, nil)
        }
        return try result.get()
    }

    /// The making that begins next.
    private func joined() -> Making {
        if let following { return following }
        // Shields: a client that leaves must not take the event away from the others.
        let making: Making
        if let current {
            making = Task { [make] in
                _ = await current.result
                return try await make()
            }
            following = making
        } else {
            making = Task { [make] in try await make() }
            current = making
        }
        return making
    }
}
