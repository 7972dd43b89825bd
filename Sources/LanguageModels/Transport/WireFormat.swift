import Domain

/// How requests of one family of providers are written and their replies read.
protocol WireFormat: Sendable {
    associatedtype Assembler: ReplyAssembler

    /// Fields to leave out when the server refuses them, as its messages name them.
    static var optionalFields: [String] { get }

    /// The model's connection, which knows its configuration.
    var connection: ModelConnection { get }
    /// Where requests go, behind the base URL.
    var path: String { get }
    /// What tells the server who asks; empty without a key.
    var keyHeaders: [(String, String)] { get }
    /// What a request for the list of models needs besides.
    var list: (path: String, headers: [(String, String)]) { get }

    /// Writes a request without the fields that were refused.
    func exchange(for request: ModelRequest, without dropped: Set<String>) -> WireExchange<Assembler>

    /// Adds what people should know about a failure.
    func explained(_ error: ModelError) -> ModelError
}

extension WireFormat {
    var info: ModelInfo { connection.info }

    /// The model as requests are written for it: pictures stay out once one was refused, as `image` among the fields says.
    func info(without dropped: Set<String>) -> ModelInfo {
        var info = info
        if dropped.contains("image") { info.acceptsImages = false }
        return info
    }

    var list: (path: String, headers: [(String, String)]) { ("/models", []) }

    func explained(_ error: ModelError) -> ModelError { error }
}
