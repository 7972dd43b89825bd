import Domain

/// A request on its way, and what will read the answer.
struct WireExchange<Assembler: ReplyAssembler> {
    var body: JSONValue
    /// Those that are not for the key.
    var headers: [(String, String)] = []
    var assembler: Assembler
}
