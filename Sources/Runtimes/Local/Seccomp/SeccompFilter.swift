/// The program with which the kernel judges every system call of a sandbox (classic BPF, seccomp mode 2).
///
/// Denied calls fail with EPERM, so that programs which merely try go on without. What it denies: ``DeniedCall/all``, new
/// namespaces by `clone`, raw and packet sockets and every address family but those of ordinary programs, and typing
/// into the terminal of somebody else.
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
        fileprivate var clone: UInt32 { self == .x86 ? 56 : 220 }
        fileprivate var socket: UInt32 { self == .x86 ? 41 : 198 }
        fileprivate var ioctl: UInt32 { self == .x86 ? 16 : 29 }
        /// The same everywhere.
        fileprivate static let clone3: UInt32 = 435
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
        /// Fails with EPERM.
        static let deny = failure(1)

        static func failure(_ code: UInt32) -> UInt32 { 0x0005_0000 | code }
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
        static func argument(_ index: UInt32) -> UInt32 { 16 + 8 * index }
    }

    /// `CLONE_NEWNS`, `NEWCGROUP`, `NEWUTS`, `NEWIPC`, `NEWUSER`, `NEWPID`, `NEWNET`.
    private static let newNamespaces: UInt32 = 0x7E02_0000
    private static let unix: UInt32 = 1
    private static let internet: [UInt32] = [2, 10]
    private static let netlink: UInt32 = 16
    private static let rawSocket: UInt32 = 3
    /// `TIOCSTI`, `TIOCLINUX`.
    private static let typing: [UInt32] = [0x5412, 0x541C]
    private static let noSuchCall: UInt32 = 38
    private static let noSuchFamily: UInt32 = 97

    private(set) var instructions: [Instruction] = []

    /// Builds the program.
    init(for architecture: Architecture) {
        load(Offset.architecture)
        unless(equals: architecture.auditNumber, Verdict.kill)
        load(Offset.call)
        // The x32 calls of x86_64 are the same calls under other numbers.
        if architecture == .x86 { when(atLeast: 0x4000_0000, Verdict.failure(Self.noSuchCall)) }
        // Its arguments are behind a pointer, where no filter can look: programs then use clone.
        when(equals: Architecture.clone3, Verdict.failure(Self.noSuchCall))
        for call in DeniedCall.all {
            if let number = call.number(on: architecture) { when(equals: UInt32(number), Verdict.deny) }
        }
        onCall(architecture.clone) { program in
            program.load(Offset.argument(0))
            program.mask(Self.newNamespaces)
            program.unless(equals: 0, Verdict.deny)
        }
        onCall(architecture.ioctl) { program in
            program.load(Offset.argument(1))
            for request in Self.typing { program.when(equals: request, Verdict.deny) }
        }
        onCall(architecture.socket) { $0.judgeSocket() }
        end(Verdict.allow)
    }

    /// The program as the kernel reads it.
    var bytes: [UInt8] {
        instructions.flatMap { step in
            [UInt8(step.code & 0xFF), UInt8(step.code >> 8), step.ifTrue, step.ifFalse]
                + (0..<4).map { UInt8(truncatingIfNeeded: step.value >> (8 * $0)) }
        }
    }

    private mutating func judgeSocket() {
        load(Offset.argument(0))
        when(equals: Self.unix, Verdict.allow)
        // Programs ask the kernel for their addresses that way; 0 = NETLINK_ROUTE.
        when(equals: Self.netlink) { program in
            program.load(Offset.argument(2))
            program.unless(equals: 0, Verdict.failure(Self.noSuchFamily))
            program.end(Verdict.allow)
        }
        for family in Self.internet {
            when(equals: family) { program in
                program.load(Offset.argument(1))
                program.mask(0xF)
                program.when(equals: Self.rawSocket, Verdict.deny)
                program.end(Verdict.allow)
            }
        }
        end(Verdict.failure(Self.noSuchFamily))
    }

    private mutating func onCall(_ number: UInt32, _ body: (inout SeccompFilter) -> Void) {
        when(equals: number) { program in
            body(&program)
            program.end(Verdict.allow)
        }
    }

    private mutating func load(_ offset: UInt32) { instructions.append(.init(code: Code.load, value: offset)) }

    private mutating func mask(_ bits: UInt32) { instructions.append(.init(code: Code.and, value: bits)) }

    private mutating func end(_ verdict: UInt32) { instructions.append(.init(code: Code.finish, value: verdict)) }

    private mutating func when(equals value: UInt32, _ verdict: UInt32) { when(equals: value) { $0.end(verdict) } }

    private mutating func when(atLeast value: UInt32, _ verdict: UInt32) {
        instructions.append(.init(code: Code.jumpIfAtLeast, ifFalse: 1, value: value))
        end(verdict)
    }

    private mutating func unless(equals value: UInt32, _ verdict: UInt32) {
        instructions.append(.init(code: Code.jumpIfEqual, ifTrue: 1, value: value))
        end(verdict)
    }

    /// Steps for one value only.
    private mutating func when(equals value: UInt32, _ body: (inout SeccompFilter) -> Void) {
        let index = instructions.count
        instructions.append(.init(code: Code.jumpIfEqual, value: value))
        body(&self)
        instructions[index].ifFalse = UInt8(instructions.count - index - 1)
    }
}
