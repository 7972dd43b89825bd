import Foundation
import TestSupport
import Testing

@testable import Scheduler

@Suite struct SimulationTests {
    /// How many seeds are tried: `AL_SIMULATION_SEEDS`, else few.
    private static let seeds = ProcessInfo.processInfo.environment["AL_SIMULATION_SEEDS"].flatMap(Int.init) ?? 100

    @Test("Whatever happens and whenever the process dies: nothing is lost or doubled, and everything ends")
    func seeds() async throws {
        let base = UInt64(ProcessInfo.processInfo.environment["AL_SIMULATION_FIRST"] ?? "1") ?? 1
        var lives = 0
        for seed in base..<base + UInt64(Self.seeds) {
            try await withTemporaryStore { store in
                let project = try SimulatedProject(seed: seed, store: store)
                try await project.live(events: 60)
                #expect(project.violations.isEmpty, "seed \(seed), \(project.lives) lives")
                lives += project.lives
            }
        }
        // A simulation in which nothing dies shows nothing.
        #expect(lives > Self.seeds * 2)
    }
}
