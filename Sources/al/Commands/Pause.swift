import ArgumentParser

/// `al pause`: stops the clock of an agent or of the scheduler.
struct Pause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Pause the scheduler, or one agent.",
        discussion: "Example:\n  al pause\n  al pause dev"
    )

    @OptionGroup var order: PauseOrder

    func run() async throws { try await order.send("pause") }
}
