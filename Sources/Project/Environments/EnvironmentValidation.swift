import Domain
import OrderedCollections

/// Checks what only an environment file, or a server or cloud section, may say.
enum EnvironmentValidation {
    /// Problems of `[server]`, and of `[server]` beside `[cloud]`.
    static func problems(of document: TOMLDocument) -> [Problem] {
        guard document.root["server"] != nil else { return [] }
        var layers = ConfigLayers()
        layers.add(document)
        let report = ProblemReport(layers: layers)
        if document.root["cloud"] != nil {
            report.add(.environmentConflict, near: "server", "[server] and [cloud] exclude each other")
        }
        TableDecoder(layers.merged, report: report).table("server")?.checkServer()
        return report.problems
    }

    /// The server that `[server]` names; `nil` = there is none, or ``problems(of:)`` says what is wrong with it.
    static func server(of document: TOMLDocument) -> EnvironmentServer? {
        guard let section = document.root["server"], let host = section["host"]?.stringValue,
            ![EnvironmentSkeleton.placeholder, "PENDING"].contains(host)
        else { return nil }
        let address = ServerAddress(
            host: host,
            user: section["user"]?.stringValue ?? "root",
            port: section["port"]?.intValue ?? 22,
            keyPath: section["keyPath"]?.stringValue
        )
        let port = document.root["gateway"]?["port"]?.intValue ?? EnvironmentServer.usualPort
        return address.map { EnvironmentServer(address: $0, gatewayPort: port) }
    }
}

extension TableDecoder {
    fileprivate func checkServer() {
        requireHost("host")
        checkText("user", "keyPath", "hostname", "acmeEmail", "acmeDirectory", "acmeRoot", "provider")
        check("port", expected: "1–65535") { $0.intValue.map((1...65535).contains) ?? false }
        check("basePath", expected: "an absolute path of letters, digits, \"/\", \".\", \"_\" and \"-\"") {
            $0.stringValue.map(Self.isPlainPath) ?? false
        }
        _ = boolean("expose")
        _ = choice("tls", among: ["caddy", "certbot"])
        checkProvisioned()
        checkPlace()
        finish()
    }

    /// What provisioning writes, so that it can take it down again.
    private func checkProvisioned() {
        checkText(
            "vultrInstanceId",
            "vultrRegion",
            "hetznerLocation",
            "cloudflareZoneId",
            "cloudflareDnsRecordId",
            "cloudflareHostname"
        )
        _ = integer("hetznerServerId", 1...Int.max)
    }

    private func requireHost(_ key: String) {
        guard let host = value(key) else { return report.add(.serverInvalid, at: full(key), "is missing") }
        switch host.stringValue {
        case nil, "": report.add(.serverInvalid, at: full(key), "expected text, found \(host.compactText)")
        case "REPLACE_ME":
            report.add(.serverInvalid, at: full(key), "is still REPLACE_ME: fill in the server's address")
        case "PENDING": report.add(.serverInvalid, at: full(key), "the server is still being provisioned")
        default: break
        }
    }

    /// Neither name may be taken for something else on ssh's command line.
    private func checkPlace() {
        let user = members["user"]?.stringValue ?? "root"
        guard let host = members["host"]?.stringValue, !host.isEmpty, !user.isEmpty,
            ServerAddress(host: host, user: user) == nil
        else { return }
        let found = JSONValue.quoted("\(user)@\(host)")
        report.add(.serverInvalid, at: full("host"), "expected the names of a host and a user, found \(found)")
    }

    private func checkText(_ keys: String...) {
        for key in keys { check(key, expected: "text") { $0.stringValue.map { !$0.isEmpty } ?? false } }
    }

    private func check(_ key: String, expected: String, _ accepts: (JSONValue) -> Bool) {
        guard let value = value(key), !accepts(value) else { return }
        report.add(.serverInvalid, at: full(key), "expected \(expected), found \(value.compactText)")
    }

    private static func isPlainPath(_ path: String) -> Bool {
        path.hasPrefix("/") && path.utf8.allSatisfy { $0.isLetterOrDigit || "/._-".utf8.contains($0) }
    }
}
