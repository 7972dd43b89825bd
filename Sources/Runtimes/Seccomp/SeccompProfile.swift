import Domain

/// What ``DeniedCall`` lists, as container engines read it (`--security-opt seccomp=`): everything else is allowed.
///
/// Programs of another architecture than the machine's (32 bits) are ended by the engine's filter, as by ``SeccompFilter``.
enum SeccompProfile {
    static let json: JSONValue = [
        "defaultAction": "SCMP_ACT_ALLOW", "syscalls": .array(always + sometimes),
    ]

    /// One rule for all calls that fail in the same way whatever their arguments.
    private static var always: [JSONValue] {
        let calls = DeniedCall.all.filter(\.conditions.isEmpty)
        return [DeniedCall.Failure.notPermitted, .noSuchCall, .noSuchFamily].compactMap { failure in
            let names = calls.filter { $0.failure == failure }.map(\.name)
            return names.isEmpty ? nil : rule(names, failure)
        }
    }

    private static var sometimes: [JSONValue] {
        DeniedCall.all.filter { !$0.conditions.isEmpty }.flatMap { call in
            combinations(call.conditions[...]).map { rule([call.name], call.failure, $0) }
        }
    }

    private static func rule(
        _ names: [String],
        _ failure: DeniedCall.Failure,
        _ arguments: [JSONValue] = []
    ) -> JSONValue {
        var rule: JSONValue = [
            "names": .array(names.map { .string($0) }), "action": "SCMP_ACT_ERRNO",
            "errnoRet": .int(Int(failure.rawValue)),
        ]
        if !arguments.isEmpty { rule["args"] = .array(arguments) }
        return rule
    }

    /// The comparisons of one rule all have to hold; where a condition has alternatives, each is a rule of its own.
    private static func combinations(_ conditions: ArraySlice<ArgumentCondition>) -> [[JSONValue]] {
        guard let first = conditions.first else { return [[]] }
        let rest = combinations(conditions.dropFirst())
        return alternatives(first).flatMap { comparison in rest.map { [comparison] + $0 } }
    }

    /// A rule may look at an argument once only, so that "none of these" becomes all others one by one, and what is above them.
    private static func alternatives(_ condition: ArgumentCondition) -> [JSONValue] {
        func comparison(_ operation: String, _ value: UInt32, _ second: UInt32 = 0) -> JSONValue {
            [
                "index": .int(condition.index), "op": .string("SCMP_CMP_\(operation)"), "value": .int(Int(value)),
                "valueTwo": .int(Int(second)),
            ]
        }
        switch condition.test {
        case .equals(let value, let mask): return [comparison("MASKED_EQ", mask, value)]
        case .hasAnyBit(let bits):
            return (0..<32).map { UInt32(1) << $0 }.filter { bits & $0 != 0 }.map { comparison("MASKED_EQ", $0, $0) }
        case .isNone(let values):
            let end = (values.max() ?? 0) + 1
            let below = (0..<end).filter { !values.contains($0) }.map { comparison("MASKED_EQ", .max, $0) }
            return below + [comparison("GE", end)]
        }
    }
}
