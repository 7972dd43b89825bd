import Testing

@testable import Runtimes

@Suite("System calls of a sandbox")
struct SeccompFilterTests {
    /// What the kernel would say: the few steps that the program uses, carried out.
    static func verdict(
        _ architecture: SeccompFilter.Architecture,
        _ call: Int,
        _ arguments: [UInt32] = [],
        as seen: UInt32? = nil
    ) throws -> UInt32 {
        let program = SeccompFilter(for: architecture).instructions
        var accumulator: UInt32 = 0
        var index = 0
        while program.indices.contains(index) {
            let step = program[index]
            index += 1
            switch step.code {
            case SeccompFilter.Code.load:
                switch step.value {
                case 0: accumulator = UInt32(call)
                case 4: accumulator = seen ?? architecture.auditNumber
                default:
                    let argument = Int(step.value - 16) / 8
                    accumulator = arguments.indices.contains(argument) ? arguments[argument] : 0
                }
            case SeccompFilter.Code.and: accumulator &= step.value
            case SeccompFilter.Code.jumpIfEqual:
                index += Int(accumulator == step.value ? step.ifTrue : step.ifFalse)
            case SeccompFilter.Code.jumpIfAtLeast:
                index += Int(accumulator >= step.value ? step.ifTrue : step.ifFalse)
            case SeccompFilter.Code.finish: return step.value
            default: Issue.record("unknown step \(step)")
            }
        }
        Issue.record("the program has no end")
        return 0
    }

    private static let allow = SeccompFilter.Verdict.allow
    private static let deny = SeccompFilter.Verdict.fail(.notPermitted)

    @Test("Each dangerous call is denied, ordinary ones are not", arguments: SeccompFilter.Architecture.allCases)
    func calls(architecture: SeccompFilter.Architecture) throws {
        for call in DeniedCall.all where call.conditions.isEmpty {
            guard let number = call.number(on: architecture) else { continue }
            let expected = SeccompFilter.Verdict.fail(call.failure)
            #expect(try Self.verdict(architecture, number) == expected, "\(call.name)")
        }
        // read, write, openat, execve, exit_group
        let ordinary = architecture == .x86 ? [0, 1, 257, 59, 231] : [63, 64, 56, 221, 94]
        for number in ordinary { #expect(try Self.verdict(architecture, number) == Self.allow, "\(number)") }
        #expect(try Self.verdict(architecture, 435) == SeccompFilter.Verdict.fail(.noSuchCall))
    }

    @Test("No number stands for two calls", arguments: SeccompFilter.Architecture.allCases)
    func numbers(architecture: SeccompFilter.Architecture) {
        let numbers = Dictionary(grouping: DeniedCall.all) { $0.number(on: architecture) }
        for (number, calls) in numbers where number != nil { #expect(Set(calls.map(\.name)).count == 1) }
    }

    @Test("Calls in the dress of another architecture end the process or do not exist")
    func dress() throws {
        #expect(try Self.verdict(.x86, 1, as: 0x4000_0003) == SeccompFilter.Verdict.kill)
        #expect(try Self.verdict(.arm, 64, as: 0x4000_0028) == SeccompFilter.Verdict.kill)
        #expect(try Self.verdict(.x86, 0x4000_0000 + 1) == SeccompFilter.Verdict.fail(.noSuchCall))
    }

    @Test(
        "Sockets are those of ordinary programs",
        arguments: [
            ([1, 1, 0], true), ([2, 1, 6], true), ([10, 0x80802, 17], true), ([16, 3, 0], true), ([2, 3, 1], false),
            ([10, 0x80803, 58], false), ([17, 3, 3], false), ([16, 3, 9], false), ([38, 5, 0], false),
            ([40, 1, 0], false),
        ] as [([UInt32], Bool)]
    )
    func sockets(arguments: [UInt32], isAllowed: Bool) throws {
        #expect((try Self.verdict(.x86, 41, arguments) == Self.allow) == isAllowed)
        #expect((try Self.verdict(.arm, 198, arguments) == Self.allow) == isAllowed)
    }

    @Test("A process may have children, but none in a new namespace, and may not type into a terminal")
    func flags() throws {
        #expect(try Self.verdict(.x86, 56, [0x0120_0011]) == Self.allow)
        for flag: UInt32 in [0x2_0000, 0x0200_0000, 0x0400_0000, 0x0800_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000] {
            #expect(try Self.verdict(.x86, 56, [flag | 17]) == Self.deny)
            #expect(try Self.verdict(.arm, 220, [flag | 17]) == Self.deny)
        }
        #expect(try Self.verdict(.x86, 16, [0, 0x5401]) == Self.allow)
        #expect(try Self.verdict(.x86, 16, [0, 0x5412]) == Self.deny)
        #expect(try Self.verdict(.arm, 29, [0, 0x541C]) == Self.deny)
    }

    @Test("The program is eight bytes a step, little-endian")
    func bytes() {
        let filter = SeccompFilter(for: .x86)
        #expect(filter.bytes.count == filter.instructions.count * 8)
        #expect(Array(filter.bytes.prefix(16)) == [0x20, 0, 0, 0, 4, 0, 0, 0, 0x15, 0, 1, 0, 0x3E, 0, 0, 0xC0])
    }
}
