import Domain
import Foundation
import Testing

@testable import Runtimes

@Suite("System calls of a container")
struct SeccompProfileTests {
    /// A call as a program makes it: name, number on x86_64, arguments.
    struct Call: Sendable, CustomTestStringConvertible {
        var name: String
        var number: Int
        var arguments: [UInt32] = []
        var testDescription: String { "\(name)\(arguments)" }
    }

    /// What an engine does with the profile: the rules whose comparisons all hold, else the default.
    private func verdict(_ call: Call) throws -> UInt32 {
        let rules = try #require(SeccompProfile.json["syscalls"]?.arrayValue)
        let hit = try rules.first { rule in
            guard rule["names"]?.arrayValue?.contains(.string(call.name)) == true else { return false }
            return try (rule["args"]?.arrayValue ?? []).allSatisfy { try holds($0, for: call) }
        }
        guard let hit else { return SeccompFilter.Verdict.allow }
        #expect(hit["action"] == "SCMP_ACT_ERRNO")
        return 0x0005_0000 | UInt32(try #require(hit["errnoRet"]?.intValue))
    }

    private func holds(_ comparison: JSONValue, for call: Call) throws -> Bool {
        let index = try #require(comparison["index"]?.intValue)
        let argument = call.arguments.indices.contains(index) ? Int(call.arguments[index]) : 0
        let value = try #require(comparison["value"]?.intValue)
        switch comparison["op"]?.stringValue {
        case "SCMP_CMP_MASKED_EQ": return argument & value == comparison["valueTwo"]?.intValue
        case "SCMP_CMP_GE": return argument >= value
        default:
            Issue.record("unknown operation in \(comparison)")
            return false
        }
    }

    private static let calls: [Call] =
        (0..<50).flatMap { family in
            [[family, 1, 0], [family, 0x80803, 0], [family, 2, 9]].map {
                Call(name: "socket", number: 41, arguments: $0)
            }
        }
        + (0..<32).map { Call(name: "clone", number: 56, arguments: [1 << $0 | 17]) }
        + [0x5401, 0x5412, 0x541C].map { Call(name: "ioctl", number: 16, arguments: [0, $0]) }
        + [Call(name: "clone", number: 56, arguments: [0x0120_0011]), Call(name: "clone3", number: 435)]
        + [("read", 0), ("openat", 257), ("execve", 59), ("seccomp", 317)].map { Call(name: $0, number: $1) }
        + DeniedCall.all.filter(\.conditions.isEmpty).compactMap { call in
            call.x86.map { Call(name: call.name, number: $0) }
        }

    @Test("The engines' profile says of every call what the sandbox's filter says", arguments: calls)
    func agrees(call: Call) throws {
        #expect(try verdict(call) == SeccompFilterTests.verdict(.x86, call.number, call.arguments))
    }

    @Test("A rule looks at each argument once, as engines demand")
    func once() throws {
        for rule in try #require(SeccompProfile.json["syscalls"]?.arrayValue) {
            let indices = (rule["args"]?.arrayValue ?? []).compactMap { $0["index"]?.intValue }
            #expect(Set(indices).count == indices.count)
        }
    }

    private static let podmansOwn = "/usr/share/containers/seccomp.json"

    /// Calls that Podman's filter names and that no 64-bit program can make.
    private static let otherMachines: Set<String> = [
        "bdflush", "clock_settime64", "nice", "oldfstat", "oldlstat", "oldolduname", "oldstat", "olduname",
        "pciconfig_iobase", "pciconfig_read", "pciconfig_write", "query_module", "sgetmask", "ssetmask", "stime",
        "swapcontext", "vm86", "vm86old",
    ]

    @Test(
        "Whatever Podman's own filter refuses to a run without capabilities is refused by ours",
        .enabled(if: FileManager.default.fileExists(atPath: podmansOwn), "podman is not installed")
    )
    func asStrict() throws {
        let content = try Data(contentsOf: URL(filePath: Self.podmansOwn))
        let rules = try #require(try JSONValue(parsing: Array(content))["syscalls"]?.arrayValue)
        func names(_ rule: JSONValue) -> [String] { rule["names"]?.arrayValue?.compactMap(\.stringValue) ?? [] }
        let refused = rules.filter { rule in
            rule["action"] == "SCMP_ACT_ERRNO" && rule["args"]?.arrayValue?.isEmpty != false
        }
        #expect(refused.count > 5)
        let ours = Set(DeniedCall.all.filter(\.conditions.isEmpty).map(\.name))
        for name in refused.flatMap(names) where !Self.otherMachines.contains(name) {
            #expect(ours.contains(name), "\(name)")
        }
    }
}
