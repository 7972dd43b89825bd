import AsyncHTTPClient
import Domain
import Foundation
import NIOCore
import NIOHTTP1
import OrderedCollections

/// Fetches a URL into a file.
struct HTTPStep: PreflightProvider {
    func run(_ params: PreflightParams, _ context: PreflightContext) async throws {
        let url = try params.require("url")
        let output = try params.require("output")
        let method = (params.text("method") ?? "GET").uppercased()
        context.log.line(.info, "preflight http", ["method": .string(method), "url": .string(params.written("url"))])
        var request = HTTPClientRequest(url: url)
        request.method = HTTPMethod(rawValue: method)
        for (name, value) in params.step.params["headers"]?.objectValue ?? [:] {
            guard let text = value.stringValue else { continue }
            request.headers.add(name: name, value: params.expanded(text))
        }
        if let body = params.text("body") { request.body = .bytes(ByteBuffer(string: body)) }
        let file = try OutputFile(path: context.path(output))
        try await fetch(request, into: file, shownAs: Self.shown(url))
        context.log.line(
            .info,
            "preflight http output written",
            ["path": .string(params.written("output")), "bytes": .int(try file.close())]
        )
    }

    private func fetch(_ request: HTTPClientRequest, into file: OutputFile, shownAs name: String) async throws {
        let client = HTTPClient(
            eventLoopGroup: HTTPClient.defaultEventLoopGroup,
            configuration: .init(timeout: .init(connect: .seconds(30)))
        )
        do {
            // The timer of the run bounds a step; a day stands for "none".
            let response = try await client.execute(request, timeout: .hours(24))
            guard (200..<300).contains(response.status.code) else {
                throw RunFailure(.preflight, "\(name) answered with HTTP \(response.status.code)")
            }
            for try await buffer in response.body { try file.append(Array(buffer.readableBytesView)) }
        } catch {
            // What matters is the error that brought us here.
            try? await client.shutdown()
            if let failure = error as? RunFailure { throw failure }
            throw RunFailure(.preflight, "\(name) could not be fetched: \(type(of: error)) \(error)")
        }
        try await client.shutdown()
    }

    /// The URL without what may hold secrets: user and query.
    static func shown(_ url: String) -> String {
        guard var parts = URLComponents(string: url) else { return "the URL" }
        parts.user = nil
        parts.password = nil
        parts.query = nil
        parts.fragment = nil
        return parts.string ?? "the URL"
    }
}
