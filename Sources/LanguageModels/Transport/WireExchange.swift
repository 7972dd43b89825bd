import Domain

/// A request on its way, and what will read the answer.
struct WireExchange<Assembler: ReplyAssembler> {
    var body: JSONValue
    /// Behind the base URL.
    var path: String
    var headers: [(String, String)]
    var assembler: Assembler
}
