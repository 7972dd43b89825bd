import Domain
import OrderedCollections

/// What a `[cloud]` section of each provider may and must say.
private struct CloudKeys {
    var required: [String]
    var texts: [String] = []
    var lists: [String] = []
    var booleans: [String] = []
    var integers: [String] = []

    static let providers = ["ecs", "cloud-run", "vps"]

    static func of(_ provider: String) -> CloudKeys {
        switch provider {
        case "ecs":
            CloudKeys(
                required: ["awsRegion", "ecsCluster", "ecrRepository", "executionRoleArn", "taskRoleArn", "subnets"],
                texts: [
                    "awsRegion", "ecsCluster", "ecrRepository", "executionRoleArn", "taskRoleArn", "awsSecretPrefix",
                    "buildBucket", "lambdaRoleArn", "schedulerCpu", "schedulerMemory", "appRunnerAccessRoleArn",
                    "appRunnerInstanceRoleArn", "permissionsBoundaryArn",
                ],
                lists: ["subnets", "securityGroups", "lambdaSubnets", "lambdaSecurityGroups"],
                booleans: ["assignPublicIp", "schedulerKeepAlive"]
            )
        case "cloud-run":
            CloudKeys(
                required: ["gcpProject", "region", "artifactRegistry"],
                texts: [
                    "gcpProject", "region", "artifactRegistry", "serviceAccount", "secretPrefix", "schedulerCpu",
                    "schedulerMemory",
                ]
            )
        default:
            CloudKeys(
                required: ["host"],
                texts: [
                    "host", "sshUser", "sshKeyPath", "vultrInstanceId", "vultrRegion", "hetznerLocation",
                    "cloudflareZoneId", "cloudflareDnsRecordId", "cloudflareHostname",
                ],
                integers: ["sshPort", "hetznerServerId"]
            )
        }
    }
}

extension TableDecoder {
    /// Checks a `[cloud]` section; returns the server it names, which only provider `vps` does.
    func cloud() -> ServerAddress? {
        guard let table = table("cloud") else { return nil }
        guard let provider = table.value("provider") else {
            report.add(.cloudProvider, at: table.full("provider"), "is missing (\(CloudKeys.list))")
            return nil
        }
        guard let name = provider.stringValue, CloudKeys.providers.contains(name) else {
            let suggestion = Suggestion.nearest(to: provider.stringValue ?? "", among: CloudKeys.providers)
            let text = "\(provider.compactText) is unknown (\(CloudKeys.list))"
            report.add(.cloudProvider, at: table.full("provider"), text, suggestion: suggestion)
            return nil
        }
        table.check(CloudKeys.of(name), provider: name)
        guard name == "vps" else {
            let provider = JSONValue.quoted(name)
            if report.isOfProject(table.full("provider")) {
                // Projects of Action Llama have it there and run on this machine all the same, unless a command asks for the cloud.
                let text = "\(provider) is not supported yet, so agents run on this machine"
                report.add(.configNoEffect, at: table.full("provider"), text)
            } else {
                // Going on would start agents where nobody means them to be.
                let text =
                    "\(provider) is not supported yet: agents would run on this machine. Use vps, or take [cloud] out"
                report.add(.cloudProvider, at: table.full("provider"), text)
            }
            return nil
        }
        return table.server()
    }

    /// The server of a section that was checked; `nil` where that found something wrong.
    private func server() -> ServerAddress? {
        let text = { (key: String) in self.isMissing(key) ? nil : self.members[key]?.stringValue }
        guard let host = text("host") else { return nil }
        if host == "PENDING" {
            report.add(.serverInvalid, at: full("host"), "the server is still being provisioned")
            return nil
        }
        let user = text("sshUser") ?? "root"
        let port = members["sshPort"]?.intValue ?? 22
        guard (1...65535).contains(port) else { return nil }
        guard let server = ServerAddress(host: host, user: user, port: port, keyPath: text("sshKeyPath")) else {
            let found = JSONValue.quoted("\(user)@\(host)")
            report.add(.serverInvalid, at: full("host"), "expected the names of a host and a user, found \(found)")
            return nil
        }
        return server
    }

    private func check(_ keys: CloudKeys, provider: String) {
        for key in keys.texts where !isMissing(key) { _ = text(key) }
        for key in keys.lists where !isMissing(key) { _ = texts(key) }
        for key in keys.booleans { _ = boolean(key) }
        for key in keys.integers { _ = integer(key, 1...(key == "sshPort" ? 65535 : Int.max)) }
        finish()
        if members["lambdaSecurityGroups"] != nil, members["lambdaSubnets"] == nil, provider == "ecs" {
            report.add(.configNoEffect, at: full("lambdaSecurityGroups"), "has no effect without lambdaSubnets")
        }
        let missing = keys.required.filter(isMissing)
        guard !missing.isEmpty else { return }
        let text = "[cloud] (\(provider)): missing \(missing.joined(separator: ", ")). "
        report.add(.cloudMissingKeys, near: path, text + "Fill them in")
    }

    /// Whether a key of this table is absent, empty or still to be filled in; it is legal from now on.
    private func isMissing(_ key: String) -> Bool {
        switch value(key) {
        case nil, .string(""), .string("REPLACE_ME"), .array([]), .array([.string("REPLACE_ME")]): true
        default: false
        }
    }
}

extension CloudKeys {
    fileprivate static var list: String { providers.joined(separator: ", ") }
}
