import Foundation
import Testing

@testable import al

@Suite struct LiveTextTests {
    private let now = Date(timeIntervalSince1970: 1_000_000)

    @Test(
        "ages are one number",
        arguments: [
            (0, "0s ago"), (45, "45s ago"), (720, "12m ago"), (10_800, "3h ago"), (259_200, "3d ago"), (-5, "0s ago"),
        ]
    )
    func ages(seconds: Double, text: String) {
        #expect(LiveText.age(of: now - seconds, at: now) == text)
    }

    @Test(
        "the time until something",
        arguments: [
            (-3, "now"), (0, "now"), (0.2, "1s"), (30, "30s"), (720, "12m"), (12_000, "3h20m"), (180_000, "2d2h"),
        ]
    )
    func until(seconds: Double, text: String) {
        #expect(LiveText.until(now + seconds, from: now) == text)
    }

    @Test("durations", arguments: [(45, "45s"), (125, "2m5s"), (12_000, "3h20m")])
    func durations(seconds: Int, text: String) {
        #expect(LiveText.duration(seconds: seconds) == text)
    }

    @Test(
        "counts are grouped by thousands",
        arguments: [(0, "0"), (999, "999"), (12_345, "12,345"), (1_000_000, "1,000,000")]
    )
    func grouped(number: Int, text: String) {
        #expect(LiveText.grouped(number) == text)
    }

    @Test(
        "money",
        arguments: [
            (0.0421, "$0.0421"), (0.5, "$0.5000"), (9.99996, "$10.0000"), (12.345, "$12.35"), (1234.5, "$1234.50"),
        ]
    )
    func cost(dollars: Double, text: String) {
        #expect(LiveText.cost(dollars) == text)
    }
}
