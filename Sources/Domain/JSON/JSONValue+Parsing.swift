extension JSONValue {
    /// Parses one JSON document (RFC 8259) with nothing but white space around it.
    ///
    /// Invalid UTF-8 inside strings is replaced by U+FFFD, a lone surrogate escape likewise; of a repeated key the last value counts.
    ///
    /// Nesting deeper than the limit is refused, so that hostile input cannot exhaust the stack.
    ///
    /// - Throws: ``JSONError`` with the byte offset.
    package init(parsing bytes: some Collection<UInt8>, depthLimit: Int = 256) throws(JSONError) {
        self = try JSONDocument(parsing: Array(bytes), depthLimit: depthLimit).root.value
    }

    /// Parses a text.
    ///
    /// - Throws: ``JSONError`` with the byte offset.
    package init(parsing text: String) throws(JSONError) {
        try self.init(parsing: text.utf8)
    }
}
