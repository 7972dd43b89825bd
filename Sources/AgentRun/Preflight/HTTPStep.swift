import AsyncHTTPClient
import Domain
import Foundation
import LanguageModels
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
        let size = try await OutputFile.write(to: context.path(output)) { file in
            try await fetch(request, into: file, shownAs: Self.shown(url), ProxySettings(context.environment))
        }
        context.log.line(
            .info,
            "preflight http output written",
            ["path": .string(params.written("output")), "bytes": .int(size)]
        )
    }

    private func fetch(
        _ request: HTTPClientRequest,
        into file: OutputFile,
        shownAs name: String,
        _ proxies: ProxySettings
    ) async throws {
        do {
            let configuration = HTTPClient.Configuration(timeout: .init(connect: .seconds(30)))
            try await HTTPRoutes.with(proxies, configuration: configuration) { http in
                // The timer of the run bounds a step; a day stands for "none".
                let response = try await http.client(for: request.url).execute(request, timeout: .hours(24))
                guard (200..<300).contains(response.status.code) else {
                    throw RunFailure(.preflight, "\(name) answered with HTTP \(response.status.code)")
                }
                for try await buffer in response.body { try file.append(Array(buffer.readableBytesView)) }
            }
        } catch let failure as RunFailure {
            throw failure
        } catch {
            throw RunFailure(.preflight, "\(name) could not be fetched: \(type(of: error)) \(error)")
        }
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
