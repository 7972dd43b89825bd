import Foundation
import ServiceLifecycle
import UnixSignals

/// Ends the process at the second Ctrl+C: who presses it again does not want to wait for the runs.
///
/// The runs live on and are adopted by the next start, as after the first one.
struct SecondInterrupt: Service {
    func run() async {
        var count = 0
        for await _ in await UnixSignalsSequence(trapping: .sigint).cancelOnGracefulShutdown() {
            count += 1
            if count == 2 { exit(130) }
        }
    }
}
