enum RunRoot {
    static func run(arguments: [String]) async -> Int32 { 1 }
}
enum TriggerPrompt { static func suffix(for: Trigger) -> String { "" } }
import Domain
import Runtimes
import Foundation
struct HostRuntime { init(executablePath: String, clock: any Clock<Duration>, environment: [String: String]) {} }
