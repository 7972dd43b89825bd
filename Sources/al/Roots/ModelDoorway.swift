import Domain
import Foundation
import Gateway
import LanguageModels
import Scheduler

/// Leads from the gateway to the models of a run's agent.
struct ModelDoorway: ModelDoor {
    let scheduler: Scheduler
    let http: HTTPRoutes

    func send(_ call: ModelCall) async throws(ModelRefusal) -> ModelAnswer {
        guard let access = try await access(call.token) else { throw .unknownToken }
        guard let relay = relay(call.model, access) else { throw .notFound }
        let answer: RelayedReply?
        do {
            answer = try await relay.send(call.path, headers: call.headers, body: call.body, length: call.length)
        } catch {
            throw .unreachable("no answer from \(relay.address): \(error)")
        }
        guard let answer else { throw .notFound }
        let model = "\(relay.info.provider.rawValue)/\(relay.info.id)"
        return ModelAnswer(status: answer.status, headers: answer.headers, body: answer.body) { [scheduler] failure in
            // A client that has heard the end mark may leave before the connection ends.
            let failure = answer.isOver ? nil : failure.map { "\($0)" }
            await scheduler.note(
                RelayedModelCall(model: model, status: answer.status, usage: answer.usage, failure: failure),
                of: access.instance
            )
        }
    }

    private func access(_ token: String) async throws(ModelRefusal) -> ModelAccess? {
        do {
            return try await scheduler.modelAccess(token: token)
        } catch {
            throw .unreachable("the key of the model cannot be read: \(error)")
        }
    }

    private func relay(_ name: String, _ access: ModelAccess) -> ModelRelay? {
        let chain = access.agent.models
        return ModelRelay(name: name, chain: chain, keys: .init(access.keys, for: chain), in: environment)
    }

    private var environment: ModelEnvironment {
        ModelEnvironment(
            facts: ScriptFacts(agent: "", trigger: .manual(prompt: nil), params: [:], date: ""),
            http: http,
            clock: ContinuousClock(),
            now: { Date() },
            random: { UInt64.random(in: .min ... .max) },
            version: Version.current
        )
    }
}
