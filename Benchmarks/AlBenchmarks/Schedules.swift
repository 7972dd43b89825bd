import Benchmark
import Domain
import Foundation

/// The clock's arithmetic.
func scheduleBenchmarks() {
    for expression in ["*/5 * * * *", "30 2 * * 1-5", "0 0 29 2 *"] {
        Benchmark("All slots of `\(expression)` in a year") { benchmark in
            let schedule = try CronSchedule(expression)
            let zone = TimeZone(identifier: "Europe/Berlin") ?? .gmt
            let start = Date(timeIntervalSince1970: 1_767_225_600)
            for _ in benchmark.scaledIterations {
                var slots = 0
                var slot = schedule.nextFire(after: start, in: zone)
                while let due = slot, due < start + 365 * 86_400 {
                    slots += 1
                    slot = schedule.nextFire(after: due, in: zone)
                }
                blackHole(slots)
            }
        }
    }
}
