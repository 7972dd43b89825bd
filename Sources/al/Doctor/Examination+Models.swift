import AsyncHTTPClient
import Credentials
import Domain
import Foundation
import NIOCore
import NIOHTTP1
import Project

extension Examination {
    /// Asks the servers of `custom` models whether they have the model.
    func modelFindings() async -> [Finding] {
        var models: [ModelConfig] = []
        for model in activeAgents.flatMap({ [$0.model] + $0.fallbackModels })
        where model.provider == .custom && !models.contains(model) {
            models.append(model)
        }
        return await withTaskGroup(of: (Int, Finding).self) { group in
            for (index, model) in models.enumerated() {
                group.addTask { (index, await finding(of: model)) }
            }
            var findings: [(Int, Finding)] = []
            for await finding in group { findings.append(finding) }
            return findings.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private func finding(of model: ModelConfig) async -> Finding {
        let name = "Model \(model.model) at \(model.baseURL ?? "")"
        // Without a readable key the server is asked without one; the credential has its own finding.
        let key = try? context.store.read(type: "custom_key", instance: "default")?["token"]
        switch await ModelServer(model: model, key: key ?? nil).models() {
        case .ids(let ids) where ids.contains(model.model): return Finding(.models, .ok, "\(name) answers")
        case .ids(let ids):
            let near = Suggestion.nearest(to: model.model, among: ids).map { " — did you mean \"\($0)\"?" }
            let list = ids.isEmpty ? "none" : ids.prefix(8).joined(separator: ", ")
            return Finding(.models, .fail, "\(name): the server does not have it. It has: \(list)\(near ?? "")")
        case .refused(let status):
            return Finding(.models, .warn, "\(name): the server answered \(status) to GET /models")
        case .silent(let reason):
            return Finding(.models, .fail, "\(name): no answer (\(reason)). Is the server running?")
        }
    }
}

/// A server that speaks the OpenAI dialect.
struct ModelServer: Sendable {
    /// What came of asking.
    enum Answer: Hashable, Sendable {
        case ids([String])
        /// The HTTP status.
        case refused(Int)
        /// Why there was no answer.
        case silent(String)
    }

    let model: ModelConfig
    let key: String?

    /// Asks for the list of models, for at most three seconds.
    func models() async -> Answer {
        var request = HTTPClientRequest(url: "\(model.baseURL ?? "")/models")
        if let key { request.headers.add(name: "Authorization", value: "Bearer \(key)") }
        for (name, value) in model.headers { request.headers.replaceOrAdd(name: name, value: value) }
        do {
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(3))
            let body = try await response.body.collect(upTo: 4 << 20)
            guard response.status == .ok, let document = try? JSONValue(parsing: body.readableBytesView),
                let list = document["data"]?.arrayValue
            else { return .refused(Int(response.status.code)) }
            return .ids(list.compactMap { $0["id"]?.stringValue })
        } catch let error as HTTPClientError {
            return .silent(error.shortDescription)
        } catch {
            return .silent("no connection")
        }
    }
}
