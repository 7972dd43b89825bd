import Domain
import Foundation
import OrderedCollections
import Webhooks

extension ProjectConfig {
    /// Reads the merged layers of a project.
    init(decoding decoder: TableDecoder) {
        self.init()
        maxReruns = decoder.integer("maxReruns", 0...Int.max) ?? maxReruns
        maxCallDepth = decoder.integer("maxCallDepth", 0...Int.max, deprecated: "maxTriggerDepth") ?? maxCallDepth
        workQueueSize = decoder.integer("workQueueSize", 1...Int.max, deprecated: "webhookQueueSize") ?? workQueueSize
        scale = decoder.integer("scale", 1...Int.max)
        initialRun = decoder.boolean("initialRun") ?? initialRun
        timezone = decoder.timezone("timezone")
        stopGrace = decoder.integer("stopGrace", 1...300) ?? stopGrace
        historyRetentionDays = decoder.days("historyRetentionDays") ?? historyRetentionDays
        model = decoder.table("model").flatMap(ModelConfig.init(decoding:))
        decodeModels(decoder)
        if let table = decoder.table("limits") { limits.decode(table) }
        network = decoder.network()
        decoder.projectServers()
        decoder.unsupported("defaultAgentScale")
        decoder.state()
        if let table = decoder.table("local") { local.decode(table) }
        decoder.resourceLockTimeout().map { gateway.lockTimeout = $0 }
        if let table = decoder.table("gateway") { gateway.decode(table) }
        decodeWebhookSources(decoder)
        decoder.telemetry()
        server = decoder.cloud()
        decoder.finish()
    }

    private mutating func decodeModels(_ decoder: TableDecoder) {
        guard let tables = decoder.table("models") else { return }
        for name in tables.members.keys {
            guard let table = tables.table(name) else { continue }
            models[name] = ModelConfig(decoding: table)
        }
    }

    private mutating func decodeWebhookSources(_ decoder: TableDecoder) {
        guard let sources = decoder.table("webhooks") else { return }
        for name in sources.members.keys {
            guard !name.isEmpty else {
                decoder.report.add(.configBadValue, at: sources.full(name), "a source needs a name that is not empty")
                continue
            }
            guard let table = sources.table(name) else { continue }
            webhooks[name] = WebhookSourceConfig(decoding: table)
        }
    }
}

extension WebhookSourceConfig {
    fileprivate init?(decoding decoder: TableDecoder) {
        let type = decoder.choice("type", among: WebhookRegistry.types)
        let credential = decoder.secretInstance(of: type)
        let allowUnsigned = decoder.boolean("allowUnsigned")
        let format = type == "generic" ? GenericWebhookFormat(decoding: decoder) : nil
        decoder.finish()
        if decoder.members["type"] == nil {
            let legal = WebhookRegistry.types.joined(separator: ", ")
            decoder.report.add(.configBadValue, at: decoder.full("type"), "is missing (\(legal))")
        }
        if credential != nil, allowUnsigned == true {
            decoder.report.add(.configNoEffect, at: decoder.full("allowUnsigned"), "has no effect beside credential")
        }
        guard let type else { return nil }
        self.init(type: type, credential: credential, allowUnsigned: allowUnsigned ?? false, format: format)
    }
}

extension TableDecoder {
    /// Reads the instance of the secret that a source is signed with.
    fileprivate func secretInstance(of type: String?) -> String? {
        guard let name = text("credential") else { return nil }
        guard CredentialName.isInstance(name) else {
            let rule = "a letter or digit, then at most 62 of letters, digits, \".\", \"_\" and \"-\""
            report.add(.configBadValue, at: full("credential"), "expected \(rule), found \(JSONValue.quoted(name))")
            return nil
        }
        guard let type, WebhookRegistry.provider(of: type)?.secretType == nil else { return name }
        report.add(.configNoEffect, at: full("credential"), "has no effect with type \(type): nobody signs it")
        return nil
    }
}

extension RunLimits {
    /// Replaces the values that the table has.
    mutating func decode(_ decoder: TableDecoder) {
        maxTurns = decoder.count("maxTurns") ?? maxTurns
        maxTokensPerRun = decoder.count("maxTokensPerRun") ?? maxTokensPerRun
        maxCostPerRun = decoder.positiveNumber("maxCostPerRun") ?? maxCostPerRun
        maxCostPerDay = decoder.positiveNumber("maxCostPerDay") ?? maxCostPerDay
        decoder.finish()
    }
}

extension LocalSettings {
    fileprivate mutating func decode(_ decoder: TableDecoder) {
        if decoder.boolean("enabled") == false {
            decoder.report.add(
                .localIsolation,
                at: decoder.full("enabled"),
                "isolation cannot be switched off, it stays on"
            )
        }
        let kinds = ["auto"] + RuntimeKind.local.map(\.rawValue)
        runtime = decoder.choice("runtime", among: kinds).flatMap(RuntimeKind.init(rawValue:))
        image = decoder.text("image")
        memory = decoder.byteCount("memory") ?? memory
        cpus = decoder.positiveNumber("cpus") ?? cpus
        timeout = decoder.seconds("timeout") ?? timeout
        workspaceSize = decoder.byteCount("workspaceSize") ?? workspaceSize
        tmpSize = decoder.byteCount("tmpSize") ?? tmpSize
        decoder.finish()
    }
}

extension GatewaySettings {
    fileprivate mutating func decode(_ decoder: TableDecoder) {
        port = decoder.integer("port", 1...65535) ?? port
        lockTimeout = decoder.seconds("lockTimeout") ?? lockTimeout
        url = decoder.webAddress("url")
        trustedProxies = decoder.addressRanges("trustedProxies") ?? trustedProxies
        webhookRate = decoder.integer("webhookRate", 1...Int.max)
        decoder.finish()
    }
}

extension TableDecoder {
    /// Reads an IANA zone.
    func timezone(_ key: String) -> String? {
        guard let name = text(key) else { return nil }
        guard TimeZone(identifier: name) != nil else {
            let message = "\(JSONValue.quoted(name)) is not a time zone (write one like Europe/Berlin)"
            let suggestion = Suggestion.nearest(to: name, among: TimeZone.knownTimeZoneIdentifiers)
            report.add(.configBadValue, at: full(key), message, suggestion: suggestion)
            return nil
        }
        return name
    }

    /// Reads an http(s) URL without its trailing `/`.
    func webAddress(_ key: String) -> String? {
        guard let text = text(key) else { return nil }
        guard WebAddress.isValid(text) else {
            let shown = JSONValue.quoted(SecretValues.withoutPassword(text))
            report.add(.configBadValue, at: full(key), "\(shown) is not an http(s) URL")
            return nil
        }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }

    /// Reads a size like `4g`, `4Gi`, `4096m`; a bare number is MiB.
    func byteCount(_ key: String) -> Int? {
        guard let value = value(key) else { return nil }
        let text = value.stringValue ?? value.intValue.map(String.init) ?? ""
        guard let bytes = ByteCount.parse(text) else {
            let message = "expected a size such as \"4g\" or \"4096m\", found \(value.compactText)"
            report.add(.configBadType, at: full(key), message)
            return nil
        }
        return bytes
    }

    /// Reads addresses and CIDRs.
    fileprivate func addressRanges(_ key: String) -> [String]? {
        guard let texts = texts(key) else { return nil }
        for (index, text) in texts.enumerated() where AddressRange(text) == nil {
            let message = "\(JSONValue.quoted(text)): expected an IP address or a CIDR such as 10.0.0.0/8"
            report.add(.configBadValue, at: KeyPath.element(full(key), index), message)
        }
        return texts
    }

    /// The older name of `gateway.lockTimeout`, at the top level.
    fileprivate func resourceLockTimeout() -> Int? {
        guard members["resourceLockTimeout"] != nil else { return nil }
        report.add(.configDeprecated, at: full("resourceLockTimeout"), "deprecated, use gateway.lockTimeout")
        return seconds("resourceLockTimeout")
    }
}

/// Sizes of memory and disks as they are written in configuration files.
enum ByteCount {
    private static let units = ["": 20, "k": 10, "m": 20, "g": 30, "t": 40]

    /// Bytes of a text such as `4g`; `nil` when it is none or not above 0.
    static func parse(_ text: String) -> Int? {
        let lowered = text.lowercased().filter { $0 != " " }
        let digits = lowered.prefix { $0.isASCII && $0.isNumber || $0 == "." }
        var unit = lowered.dropFirst(digits.count)
        if unit.count > 1, unit.hasSuffix("b") { unit = unit.dropLast() }
        if unit.count > 1, unit.hasSuffix("i") { unit = unit.dropLast() }
        guard let number = Double(digits), let shift = units[String(unit)] else { return nil }
        let bytes = number * Double(1 << shift)
        return bytes >= 1 && bytes < Double(Int.max) ? Int(bytes) : nil
    }
}
