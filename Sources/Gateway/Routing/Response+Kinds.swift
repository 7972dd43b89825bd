import Domain
import Hummingbird

extension Response {
    /// A JSON answer.
    static func json(_ value: JSONValue, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) -> Response {
        text(value.compactText, type: "application/json", status: status, headers: headers)
    }

    /// A JSON answer in which secrets are hidden.
    static func json(_ value: JSONValue, masked mask: (String) throws -> String) rethrows -> Response {
        text(try mask(value.compactText), type: "application/json")
    }

    /// An HTML page with the headers that keep foreign content out.
    static func page(_ html: String, status: HTTPResponse.Status = .ok) -> Response {
        text(html, type: "text/html; charset=utf-8", status: status, headers: pageHeaders)
    }

    /// A text of any type.
    static func text(
        _ text: String,
        type: String,
        status: HTTPResponse.Status = .ok,
        headers: HTTPFields = [:]
    ) -> Response {
        var headers = headers
        headers[.contentType] = type
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(string: text)))
    }

    /// Sends a browser elsewhere.
    static func found(at location: String, setting cookie: String? = nil) -> Response {
        var headers: HTTPFields = [.location: location]
        headers[.setCookie] = cookie
        return Response(status: .found, headers: headers)
    }

    private static let pageHeaders: HTTPFields = {
        var headers = HTTPFields.unsniffed
        headers[.cacheControl] = "no-store"
        let fields = [
            ("Content-Security-Policy", contentSecurityPolicy),
            ("X-Frame-Options", "DENY"),
            ("Referrer-Policy", "no-referrer"),
        ]
        for (name, value) in fields {
            if let field = HeaderName(name) { headers[field] = value }
        }
        return headers
    }()

    private static let contentSecurityPolicy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'",
        "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'",
    ].joined(separator: "; ")
}

extension HTTPFields {
    /// For what a browser must take for nothing but what its type says.
    static let unsniffed: HTTPFields = {
        var headers = HTTPFields()
        if let field = HeaderName("X-Content-Type-Options") { headers[field] = "nosniff" }
        return headers
    }()
}
