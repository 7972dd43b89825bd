import Domain
import OrderedCollections

/// Sections that are checked like all others although this version does nothing with them.
extension TableDecoder {
    /// Checks `[state]`.
    func state() {
        guard let table = table("state") else { return }
        let engine = table.choice("engine", among: ["sqlite", "postgres", "dynamodb"])
        let url = table.text("url")
        table.finish()
        if let engine, engine != "sqlite" {
            let message = "not supported yet, has no effect: the state is kept in .al/state.db"
            report.add(.configNoEffect, at: table.full("engine"), message)
        }
        if engine == "postgres", url == nil {
            report.add(.configBadValue, at: table.full("url"), "is missing; engine postgres needs it")
        }
    }

    /// Checks `[telemetry]`.
    func telemetry() {
        guard let table = table("telemetry") else { return }
        let isEnabled = table.boolean("enabled") ?? false
        let provider = table.text("provider")
        let endpoint = table.webAddress("endpoint")
        _ = table.text("serviceName")
        _ = table.textTable("headers")
        table.samplingRate()
        table.finish()
        table.checkProvider(provider)
        guard isEnabled else { return }
        if provider == "otel" || provider == "xray", endpoint == nil, table.members["endpoint"] == nil {
            let message = "is missing; provider otel needs it"
            report.add(.configBadValue, at: table.full("endpoint"), message)
        }
        report.add(.configNoEffect, at: table.full("enabled"), "not supported yet, has no effect")
    }

    private func samplingRate() {
        guard let value = value("samplingRate"), !(value.doubleValue.map((0...1).contains) ?? false) else { return }
        report.add(.configBadType, at: full("samplingRate"), "expected a number 0.0–1.0, found \(value.compactText)")
    }

    private func checkProvider(_ provider: String?) {
        guard let provider else { return }
        if provider == "xray" {
            report.add(.configDeprecated, at: full("provider"), "deprecated, use otel")
        } else {
            _ = choice("provider", among: ["otel", "none"])
        }
    }
}
