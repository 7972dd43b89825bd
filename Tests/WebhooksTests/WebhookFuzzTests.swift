import Domain
import Foundation
import TestSupport
import Testing

@testable import Webhooks

/// Deliveries changed at random: none may be taken for genuine, none may crash anything.
///
/// `AL_FUZZ_ITERATIONS` makes it longer (`Scripts/fuzz`), `AL_FUZZ_SEED` repeats a run.
@Suite("Mutated deliveries") struct WebhookFuzzTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let iterations = environment["AL_FUZZ_ITERATIONS"].flatMap { Int($0) } ?? 600
    private static let seed = environment["AL_FUZZ_SEED"].flatMap { UInt64($0) } ?? 20_260_101

    private static let trigger = WebhookTriggerConfig(
        source: "s",
        filters: Dictionary(
            WebhookRegistry.all.flatMap { $0.filters.map { ($0.key, ["a"]) } },
            uniquingKeysWith: { first, _ in first }
        )
    )

    @Test("are refused and read without a crash")
    func mutations() throws {
        var random = SeededGenerator(state: Self.seed)
        var refused = 0
        var readable = 0
        for iteration in 0..<Self.iterations {
            let original = SignedDelivery.all[iteration % SignedDelivery.all.count]
            var changed = original
            for _ in 0...Int.random(in: 0...3, using: &random) { Self.mutate(&changed, using: &random) }
            if changed.canonical != original.canonical {
                let isTaken = changed.verify() != nil && !Self.isSameToken(changed, original)
                #expect(!isTaken, "iteration \(iteration) of seed \(Self.seed): \(original.name)")
                refused += isTaken ? 0 : 1
            }
            readable += try Self.read(changed) ? 1 : 0
        }
        print("fuzz: seed \(Self.seed), \(Self.iterations) inputs, \(refused) refused, \(readable) read to the end")
        #expect(refused > Self.iterations / 2)
    }

    /// A token says nothing of the body.
    private static func isSameToken(_ changed: SignedDelivery, _ original: SignedDelivery) -> Bool {
        original.name == "generic-token"
            && WebhookHeaders(changed.headers)["x-token"].map { trimmed($0).elementsEqual("Bearer second secret".utf8) }
                ?? false
    }

    /// Does everything that happens to a delivery once it is admitted; whether it is one that could be read.
    private static func read(_ delivery: SignedDelivery) throws -> Bool {
        let sent = request(delivery.body, delivery.headers)
        let payload: JSONNode
        do {
            payload = try sent.payload()
        } catch {
            return false
        }
        let provider = delivery.provider
        let context = provider.context(of: sent, payload: payload)
        _ = provider.deliveryID(of: sent, payload: payload)
        _ = provider.event(of: sent, payload: payload)
        _ = provider.answer(to: payload)
        _ = provider.sentAt(sent, payload: payload)
        if let context {
            _ = refusal(of: trigger, type: provider.type, context: context)
            // What was read can be written and read again.
            #expect(try JSONValue(parsing: context.compactText) == context)
        }
        return true
    }

    private static func mutate(_ delivery: inout SignedDelivery, using random: inout SeededGenerator) {
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<6: mutate(&delivery.body, using: &random)
        case 6..<8:
            let index = Int.random(in: delivery.headers.indices, using: &random)
            var value = Array(delivery.headers[index].value.utf8)
            mutate(&value, using: &random)
            delivery.headers[index].value = String(decoding: value, as: UTF8.self)
        case 8:
            let index = Int.random(in: delivery.headers.indices, using: &random)
            if delivery.headers.count > 1, Bool.random(using: &random) {
                delivery.headers.remove(at: index)
            } else {
                delivery.headers.insert(delivery.headers[index], at: 0)
                delivery.headers[0].value += "é"
            }
        default: delivery.body = payload(using: &random)
        }
    }

    private static func mutate(_ bytes: inout [UInt8], using random: inout SeededGenerator) {
        guard !bytes.isEmpty else {
            bytes = [UInt8.random(in: 0...255, using: &random)]
            return
        }
        let index = Int.random(in: bytes.indices, using: &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1: bytes.insert(UInt8.random(in: 0...255, using: &random), at: index)
        case 2: bytes.remove(at: index)
        case 3: bytes.removeSubrange(index...)
        case 4: bytes.insert(contentsOf: bytes[index...].prefix(40), at: index)
        default: bytes[index] = Array(#"{}[]",:\u0dn"#.utf8).randomElement(using: &random) ?? 0
        }
    }

    /// An object in the shape of the providers' payloads, with values of the wrong kind here and there.
    private static func payload(using random: inout SeededGenerator) -> [UInt8] {
        Array(value(depth: 3, using: &random).compactText.utf8)
    }

    private static let keys = [
        "action", "type", "event", "data", "issue", "comment", "pull_request", "repository", "full_name", "number",
        "labels", "name", "options", "value", "components", "custom_id", "organizationId", "user", "login", "title",
        "body", "ref", "pull_requests", "challenge", "team_id", "channel", "id", "updatedFrom", "metric_alert",
    ]

    private static func value(depth: Int, using random: inout SeededGenerator) -> JSONValue {
        switch depth > 2 ? 0 : Int.random(in: 0..<8, using: &random) {
        case 0 where depth > 0, 1 where depth > 0:
            var members: JSONValue = [:]
            for _ in 0..<Int.random(in: 0...6, using: &random) {
                members[keys.randomElement(using: &random) ?? ""] = value(depth: depth - 1, using: &random)
            }
            return members
        case 2 where depth > 0:
            return .array(
                (0..<Int.random(in: 0...3, using: &random)).map { _ in value(depth: depth - 1, using: &random) }
            )
        case 3: return .null
        case 4: return .int(Int.random(in: -3...9, using: &random))
        case 5: return .number("1e999")
        case 6: return .string(String(repeating: "👩‍👩‍👧‍👦a", count: Int.random(in: 0...99, using: &random) == 0 ? 900 : 3))
        default:
            return .string(
                ["event_callback", "Issue", "Comment", "opened", "", "é\u{0}"].randomElement(using: &random) ?? ""
            )
        }
    }
}
