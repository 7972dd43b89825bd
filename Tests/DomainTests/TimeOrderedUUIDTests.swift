import Domain
import Testing

@Suite("Identifiers ordered by time")
struct TimeOrderedUUIDTests {
    @Test("The example of RFC 9562, appendix A.6")
    func example() {
        let text = TimeOrderedUUID.text(
            milliseconds: 0x017F_22E2_79B0 + 0xCC3 / 4096.0,
            random: 0xD8C4_DC0C_0C07_398F
        )
        #expect(text == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f")
    }

    @Test("A later one sorts behind an earlier one, whatever the random bits", arguments: [1, 0.001])
    func order(milliseconds: Double) {
        let first = TimeOrderedUUID.text(milliseconds: 1_800_000_000_000, random: .max)
        let second = TimeOrderedUUID.text(milliseconds: 1_800_000_000_000 + milliseconds, random: 0)
        #expect(first < second)
        #expect(first.count == 36)
    }
}
