import ArgumentParser

/// `al resume`: undoes `al pause`.
struct Resume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Resume the scheduler, or one agent.",
        discussion: "Example:\n  al resume\n  al resume dev"
    )

    @OptionGroup var order: PauseOrder

    func run() async throws { try await order.send("resume") }
}
