/// One value of a text: what it is and where it stands.
///
/// The entries of a document come in the order of the text: behind an array those of its elements, behind an object its keys,
/// each with the entries of its value.
struct JSONEntry {
    enum Kind: UInt8 {
        case null, yes, no, number
        /// A string whose bytes are its text.
        case plainString
        /// A string with at least one escape.
        case escapedString
        case array, object
    }

    let kind: Kind
    /// The first byte; of a string the first one behind the quote.
    let start: UInt32
    /// The byte behind the last one; of a string the closing quote.
    var end: UInt32
    /// The entry behind this one and all that it holds.
    var next: UInt32

    var isString: Bool { kind == .plainString || kind == .escapedString }
    var range: Range<Int> { Int(start)..<Int(end) }
}
