/// A header, a key with its value, or an element of an array, with its place in the bytes of a TOML document.
struct TOMLEntry: Hashable {
    enum Kind: Hashable {
        /// `[a.b]`
        case table
        /// `[[a.b]]`
        case arrayTable
        /// `key = value` on a line of its own.
        case pair
        /// `key = value` inside of `{ }`.
        case member
        /// A value inside of `[ ]`.
        case element
    }

    var kind: Kind
    /// Path of the value, or of the table that a header opens.
    var path: String
    /// First byte of the key, the header's bracket or the element.
    var start: Int
    /// Bytes of the value; empty, behind the bracket, for a header.
    var value: Range<Int>
    /// Index of the header above a pair, or of the entry whose value contains a member or an element.
    var parent: Int?

    var isHeader: Bool { kind == .table || kind == .arrayTable }
}
