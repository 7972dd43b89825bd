/// Why the gateway cannot serve.
package struct GatewayError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is.
    package enum Code: String, Hashable, Sendable { case portInUse, cannotListen }

    package var code: Code
    /// The address of the listener.
    package var address: String
    package var port: Int
    /// What the system said, where it adds something.
    package var detail: String?

    /// Collects the facts.
    package init(code: Code, address: String, port: Int, detail: String? = nil) {
        self.code = code
        self.address = address
        self.port = port
        self.detail = detail
    }

    package var description: String {
        switch code {
        case .portInUse:
            "port \(port) on \(address) is already in use: stop what listens there, or set gateway.port in config.toml "
                + "(or --port) to a free one (a project at port \(port - 1) may have this one for its runs)"
        case .cannotListen:
            "cannot listen on \(address), port \(port)\(detail.map { ": \($0)" } ?? ""): check gateway.port in config.toml"
        }
    }
}
