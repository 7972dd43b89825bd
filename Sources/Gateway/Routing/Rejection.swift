import Domain
import Hummingbird

/// An answer that ends the handling of a request early.
struct Rejection: Error {
    let status: HTTPResponse.Status
    let body: JSONValue
    var headers: HTTPFields = [:]

    init(_ status: HTTPResponse.Status, error: String, headers: HTTPFields = [:]) {
        self.status = status
        body = ["error": .string(error)]
        self.headers = headers
    }

    init(_ status: HTTPResponse.Status, body: JSONValue) {
        self.status = status
        self.body = body
    }

    /// The shape of refusals to runs.
    init(_ status: HTTPResponse.Status, reason: String) {
        self.status = status
        body = ["ok": false, "reason": .string(reason)]
    }

    var response: Response { .json(body, status: status, headers: headers) }

    static let invalidJSON = Rejection(.badRequest, error: "invalid JSON body")
    static let payloadTooLarge = Rejection(.contentTooLarge, error: "payload too large")
    static let invalidSecret = Rejection(.forbidden, error: "invalid secret")
    static let notFound = Rejection(.notFound, error: "not found")
}
