/// The program with which the kernel judges every system call of a sandbox (classic BPF, seccomp mode 2).
///
/// It denies what ``DeniedCall/all`` lists, and ends programs of another architecture.
struct SeccompFilter: Hashable, Sendable {
    enum Architecture: String, CaseIterable, Hashable, Sendable {
        case x86, arm

        /// That of this process; `nil` = no filter is known for it.
        static var current: Architecture? {
            #if arch(x86_64)
                .x86
            #elseif arch(arm64)
                .arm
            #else
                nil
            #endif
        }

        /// `AUDIT_ARCH_…`, by which the kernel names it.
        var auditNumber: UInt32 { self == .x86 ? 0xC000_003E : 0xC000_00B7 }
    }

    /// One step: `struct sock_filter`.
    struct Instruction: Hashable, Sendable {
        var code: UInt16
        var ifTrue: UInt8 = 0
        var ifFalse: UInt8 = 0
        var value: UInt32
    }

    /// What is done about a call.
    enum Verdict {
        static let allow: UInt32 = 0x7FFF_0000
        static let kill: UInt32 = 0x8000_0000

        static func fail(_ failure: DeniedCall.Failure) -> UInt32 { 0x0005_0000 | failure.rawValue }
    }

    /// Codes of the steps that are used.
    enum Code {
        /// Loads four bytes of `struct seccomp_data`.
        static let load: UInt16 = 0x20
        static let and: UInt16 = 0x54
        static let jumpIfEqual: UInt16 = 0x15
        static let jumpIfAtLeast: UInt16 = 0x35
        static let finish: UInt16 = 0x06
    }

    /// Offsets in `struct seccomp_data`.
    private enum Offset {
        static let call: UInt32 = 0
        static let architecture: UInt32 = 4

        /// The lower half of an argument; both architectures are little-endian.
        static func argument(_ index: Int) -> UInt32 { 16 + 8 * UInt32(index) }
    }

    private(set) var instructions: [Instruction] = []

    /// Builds the program.
    init(for architecture: Architecture) {
        load(Offset.architecture)
        unless(equals: [architecture.auditNumber]) { $0.end(Verdict.kill) }
        load(Offset.call)
        // The x32 calls of x86_64 are the same calls under other numbers.
        if architecture == .x86 { when(atLeast: 0x4000_0000, Verdict.fail(.noSuchCall)) }
        for call in DeniedCall.all {
            guard let number = call.number(on: architecture) else { continue }
            when(equals: UInt32(number)) { program in
                program.when(call.conditions[...], Verdict.fail(call.failure))
                if !call.conditions.isEmpty { program.load(Offset.call) }
            }
        }
        end(Verdict.allow)
    }

    /// The program as the kernel reads it.
    var bytes: [UInt8] {
        instructions.flatMap { step in
            [UInt8(step.code & 0xFF), UInt8(step.code >> 8), step.ifTrue, step.ifFalse]
                + (0..<4).map { UInt8(truncatingIfNeeded: step.value >> (8 * $0)) }
        }
    }

    /// The verdict on a call whose arguments meet all conditions.
    private mutating func when(_ conditions: ArraySlice<ArgumentCondition>, _ verdict: UInt32) {
        guard let condition = conditions.first else { return end(verdict) }
        let rest = conditions.dropFirst()
        load(Offset.argument(condition.index))
        switch condition.test {
        case .equals(let value, let bits):
            if bits != .max { mask(bits) }
            when(equals: value) { $0.when(rest, verdict) }
        case .hasAnyBit(let bits):
            mask(bits)
            unless(equals: [0]) { $0.when(rest, verdict) }
        case .isNone(let values): unless(equals: values) { $0.when(rest, verdict) }
        }
    }

    private mutating func load(_ offset: UInt32) { instructions.append(.init(code: Code.load, value: offset)) }

    private mutating func mask(_ bits: UInt32) { instructions.append(.init(code: Code.and, value: bits)) }

    private mutating func end(_ verdict: UInt32) { instructions.append(.init(code: Code.finish, value: verdict)) }

    private mutating func when(atLeast value: UInt32, _ verdict: UInt32) {
        instructions.append(.init(code: Code.jumpIfAtLeast, ifFalse: 1, value: value))
        end(verdict)
    }

    /// Steps for all values but these.
    private mutating func unless(equals values: [UInt32], _ body: (inout SeccompFilter) -> Void) {
        let comparisons = instructions.count..<(instructions.count + values.count)
        for value in values { instructions.append(.init(code: Code.jumpIfEqual, value: value)) }
        body(&self)
        for index in comparisons { instructions[index].ifTrue = UInt8(instructions.count - index - 1) }
    }

    /// Steps for one value only.
    private mutating func when(equals value: UInt32, _ body: (inout SeccompFilter) -> Void) {
        let index = instructions.count
        instructions.append(.init(code: Code.jumpIfEqual, value: value))
        body(&self)
        instructions[index].ifFalse = UInt8(instructions.count - index - 1)
    }
}
