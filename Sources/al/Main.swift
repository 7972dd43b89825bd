import AgentCommands
import AgentRun
import ArgumentParser
import Foundation
import NIOCore

/// The one executable: command line, scheduler, run and in-run commands, chosen by the name it was started under.
@main
struct Main {
    static func main() async {
        // By itself NIO counts the processors of the machine; loops that have to share one disturb each other.
        NIOSingletons.groupLoopCountSuggestion = UsableProcessors.count
        let arguments = CommandLine.arguments
        switch Role(invokedAs: arguments.first ?? "al", arguments: Array(arguments.dropFirst())) {
        case .agentCommand(let command):
            exit(await InRunRoot.run(command, arguments: Array(arguments.dropFirst())))
        case .run:
            exit(await RunRoot.run())
        case .connect:
            exit(await ConnectRoot.run(arguments: Array(arguments.dropFirst(2))))
        case .commandLine:
            let code = await CommandLineRoot.run(arguments: Array(arguments.dropFirst()))
            await OpenTunnels.all.closeAll()
            exit(code)
        }
    }
}
