#if os(Linux)
    import Foundation
    import TestSupport
    import Testing

    @testable import al

    @Suite("Memory of code that only starting needed", .timeLimit(.minutes(1)))
    struct ExecutablePagesTests {
        /// Kilobytes of the executable's code that are in memory.
        private func resident() throws -> Int {
            let executable = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            var isOurs = false
            var sum = 0
            for line in try String(contentsOfFile: "/proc/self/smaps", encoding: .utf8).split(separator: "\n") {
                let words = line.split(separator: " ")
                if words.first?.contains("-") == true { isOurs = words[1] == "r-xp" && line.hasSuffix(executable) }
                if isOurs, words.first == "Rss:" { sum += Int(words[1]) ?? 0 }
            }
            return sum
        }

        @Test("Is given back a second after the start and then again and again, until the scheduler stops")
        func givesBack() async throws {
            let clock = TestClock()
            let service = Task { try await ExecutablePages(clock: clock).run() }
            func wait() async throws {
                while clock.sleepers == 0 { await Task.yield() }
            }
            try await wait()
            let before = try resident()
            for pause in [Duration.seconds(1), .seconds(600)] {
                clock.advance(by: pause)
                try await wait()
            }
            #expect(before > 0)
            #expect(try resident() < before)
            service.cancel()
            try await service.value
        }
    }
#endif
