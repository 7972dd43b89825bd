import Domain
import Foundation
import TestSupport
import Testing

@Suite("Random cron expressions")
struct CronParsingPropertyTests {
    @Test("Whatever is written is refused with its field, or fires after the moment it is asked about")
    func noise() {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededGenerator(state: seed)
        let pieces = [
            "*", "?", "0", "5", "07", "59", "60", "31", "L", "LW", "15W", "W", "#", "#2", "#L", "MON", "FRI-SUN", "JAN",
            "1-5", "5-1",
            "*/2", "/3", ",", "-", "+", "+MON", "2026", "@daily", "@", ":", "T", "é", "99999999999999999999",
        ]
        var (accepted, refused) = (0, 0)
        for _ in 0..<4000 {
            let fields = (0..<Int.random(in: 4...8, using: &random)).map { _ in
                Int.random(in: 0..<10, using: &random) < 7 ? "*" : pieces.randomElement(using: &random) ?? "*"
            }
            let text = fields.joined(separator: " ")
            do throws(CronError) {
                let schedule = try CronSchedule(text)
                accepted += 1
                let start = Date(timeIntervalSince1970: Double(Int.random(in: 0..<4_000_000_000, using: &random)))
                guard let fire = schedule.nextFire(after: start, in: .gmt) else { continue }
                #expect(fire > start, "\(text), seed \(seed)")
                let again = schedule.nextFire(after: fire.addingTimeInterval(-1), in: .gmt)
                #expect(again == fire, "\(text), seed \(seed)")
            } catch {
                refused += 1
                #expect(!error.field.isEmpty && !error.expected.isEmpty, "\(text), seed \(seed)")
            }
        }
        #expect(accepted > 50)
        #expect(refused > 100)
    }

    @Test("Blanks and letter case mean nothing")
    func spelling() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededGenerator(state: seed)
        let start = Date(timeIntervalSince1970: 1_768_471_200)
        for text in [
            "0 9 * jan-mar mon-fri", "*/15 8-18/2 15w * ?", "0 0 lw * *", "30 0 0 l feb +sun#l 2027-2030", "@weekly",
        ] {
            let noisy = text.split(separator: " ").map { word in
                String(word.map { Bool.random(using: &random) ? Character($0.uppercased()) : $0 })
                    + String(repeating: " ", count: Int.random(in: 1...3, using: &random))
            }.joined()
            let (plain, spelt) = (try CronSchedule(text), try CronSchedule("  \t" + noisy))
            #expect(
                plain.nextFire(after: start, in: .gmt) == spelt.nextFire(after: start, in: .gmt),
                "\(noisy), seed \(seed)"
            )
        }
    }
}
