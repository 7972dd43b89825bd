import Domain
import Foundation
import OrderedCollections

extension AgentConfig {
    /// Reports what is wrong with an agent as a whole, once every key was read.
    func check(_ decoder: TableDecoder, hasModel: Bool, defaults: AgentDefaults) {
        checkTriggers(decoder)
        checkScale(decoder, limit: defaults.project.scale)
        if hasModel {
            checkLogin(decoder, defaults.project)
            checkPrices(decoder, isPriced: defaults.facts.isPriced)
        }
    }

    private func checkTriggers(_ decoder: TableDecoder) {
        // A trigger that is there but wrong has its own problem.
        let hasSchedule = decoder.members["schedule"].map { $0 != .string("") } ?? false
        let hasTrigger = hasSchedule || decoder.members["webhooks"].map { $0 != [] } ?? false
        if !hasTrigger, !manual, scale != 0 {
            decoder.report.add(
                .agentNoTrigger,
                "Agent `\(name)`: nothing starts it: set schedule, add [[webhooks]], manual = true, or scale = 0"
            )
        }
        guard let schedule else { return }
        let path = decoder.full("schedule")
        if schedule.isOneOff {
            decoder.report.add(.scheduleUnusual, at: path, "fires once and never again: it is a date, not a pattern")
        } else if schedule.nextFire(after: Date(timeIntervalSince1970: 0), in: .gmt) == nil {
            decoder.report.add(.scheduleUnusual, at: path, "\(JSONValue.quoted(schedule.expression)) never fires")
        }
    }

    private func checkScale(_ decoder: TableDecoder, limit: Int?) {
        guard let limit, scale > limit else { return }
        decoder.report.add(
            .agentScaleOverLimit,
            near: "scale",
            "Agent `\(name)`: scale \(scale) is above the project's \(limit)"
        )
    }

    private func checkLogin(_ decoder: TableDecoder, _ project: ProjectConfig) {
        // A server is chosen before any runtime of this machine.
        let runsHere = project.local.runtime == .host && project.server == nil
        guard scale > 0, !runsHere, ([model] + fallbackModels).contains(where: { $0.authentication == .piAuth }) else {
            return
        }
        decoder.report.add(
            .modelPiAuth,
            near: "model.authType",
            "Agent `\(name)`: authType pi_auth needs the operator's own login and cannot work in an isolated run; "
                + "use api_key or oauth_token, or start with --no-docker"
        )
    }

    /// A limit on cost without a price would never be reached.
    private func checkPrices(_ decoder: TableDecoder, isPriced: (ModelConfig) -> Bool) {
        guard scale > 0, let limit = costLimit else { return }
        for model in [model] + fallbackModels where !isPriced(model) {
            decoder.report.add(
                .limitsUnknownPrice,
                near: decoder.members["limits"] == nil ? "model" : "limits.\(limit)",
                "Agent `\(name)`: limits.\(limit): the price of `\(model.model)` is unknown; set model.price"
            )
        }
    }

    private var costLimit: String? {
        if limits.maxCostPerRun != nil { return "maxCostPerRun" }
        return limits.maxCostPerDay == nil ? nil : "maxCostPerDay"
    }
}
