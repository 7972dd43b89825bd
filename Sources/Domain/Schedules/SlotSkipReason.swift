/// Why a slot of a schedule did not fire although a scheduler ran.
package enum SlotSkipReason: String, CaseIterable, Hashable, Sendable {
    /// All runners of the agent were busy, or the project's gate was closed.
    case busy
    /// The scheduler was paused.
    case paused
    /// The agent was disabled.
    case disabled
    /// The daily budget of the agent or the project was spent.
    case budget
    /// The scheduler was stopping.
    case draining
    /// The agent's image was not there: still building, or its build failed.
    case noImage = "no image"
}
