package import Domain

/// Why a body cannot be read.
package enum WebhookPayloadError: Error, Hashable, Sendable {
    /// A form without a readable field `payload`.
    case missingPayload
    /// Not JSON, or JSON that is no object.
    case invalidJSON
}

extension WebhookRequest {
    /// The JSON object of the body, or of the field `payload` of a form.
    ///
    /// - Throws: ``WebhookPayloadError``.
    package func payload() throws(WebhookPayloadError) -> JSONNode {
        var json = body
        if headers["content-type"]?.lowercased().hasPrefix("application/x-www-form-urlencoded") == true {
            guard let field = FormBody.value(of: "payload", in: body) else { throw .missingPayload }
            json = field
        }
        // Where the text stops being JSON does not matter to the sender.
        guard let payload = try? JSONDocument(parsing: json).root, payload.isObject else { throw .invalidJSON }
        return payload
    }
}
