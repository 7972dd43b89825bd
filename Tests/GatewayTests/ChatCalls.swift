import AsyncHTTPClient
import Domain
import NIOCore
import NIOHTTP1
import Testing

/// The routes of chats, as an operator calls them.
enum ChatCalls {
    static func call(_ port: Int, _ method: String, _ path: String, _ body: String? = nil) async throws -> (
        Int, JSONValue
    ) {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)/api/chat/sessions\(path)")
        request.method = HTTPMethod(rawValue: method)
        request.headers.add(name: "Authorization", value: "Bearer key")
        if let body { request.body = .bytes(ByteBuffer(string: body)) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(10))
        let bytes = try await response.body.collect(upTo: 1 << 20)
        return (Int(response.status.code), try JSONValue(parsing: String(buffer: bytes)))
    }

    /// Opens the chat with `dev`.
    static func open(_ port: Int) async throws -> String {
        let (status, body) = try await call(port, "POST", "", #"{"agentName":"dev"}"#)
        #expect(status == 200)
        return try #require(body["sessionId"]?.stringValue)
    }
}
