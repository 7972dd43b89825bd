package import Domain

/// Why a body cannot be read.
package enum WebhookPayloadError: Error, Hashable, Sendable {
    /// A form without a readable field `payload`.
    case missingPayload
    /// Not JSON.
    case invalidJSON
}

extension WebhookRequest {
    /// The JSON of the body, or of the field `payload` of a form.
    ///
    /// - Throws: ``WebhookPayloadError``.
    package func payload() throws(WebhookPayloadError) -> JSONNode {
        var json = body
        if isForm {
            guard let field = FormBody.value(of: "payload", in: body) else { throw .missingPayload }
            json = field
        }
        // Where the text stops being JSON does not matter to the sender.
        guard let payload = try? JSONDocument(parsing: json).root else { throw .invalidJSON }
        return payload
    }

    private var isForm: Bool {
        let form = "application/x-www-form-urlencoded"
        // The usual type is shorter, and searching takes time.
        guard let type = headers["content-type"], type.utf8.count >= form.utf8.count else { return false }
        return type.lowercased().contains(form)
    }
}
