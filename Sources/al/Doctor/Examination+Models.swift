import Credentials
import Domain
import Foundation
import LanguageModels
import NIOCore
import Project

extension Examination {
    /// Asks the servers of `custom` models whether they have the model and can let it call tools.
    func modelFindings() async -> [Finding] {
        var models: [ModelConfig] = []
        for model in activeAgents.flatMap(\.models)
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
        // Without a readable key the server is asked without one; the credential has its own finding.
        let key = try? context.store.read(type: "custom_key", instance: "default")?["token"]
        let http = HTTPRoutes(
            ProxySettings(ProcessInfo.processInfo.environment),
            configuration: modelHTTPConfiguration(idle: .seconds(60))
        )
        let finding = await finding(of: ModelServer(model: model, key: key ?? nil, http: http))
        await http.shutdown()
        return finding
    }

    private func finding(of server: ModelServer) async -> Finding {
        let model = server.model
        let name = "Model \(model.model) at \(SecretValues.withoutPassword(model.baseURL ?? ""))"
        switch await server.models() {
        case .ids(let ids) where !ids.contains(model.model):
            let near = Suggestion.nearest(to: model.model, among: ids).map { " — did you mean \"\($0)\"?" }
            let list = ids.isEmpty ? "none" : ids.prefix(8).joined(separator: ", ")
            return Finding(.models, .fail, "\(name): the server does not have it. It has: \(list)\(near ?? "")")
        case .silent(let reason):
            return Finding(.models, .fail, "\(name): no answer (\(reason)). Is the server running?")
        // Not every server has a list, or all of it on one page.
        case .ids, .firstIDs, .refused: break
        }
        switch await server.callsTools() {
        case .called: return Finding(.models, .ok, "\(name) answers and calls tools")
        case .talked:
            return Finding(
                .models,
                .warn,
                "\(name) answers, but did not call the tool it was told to call. Tools may be off on the server "
                    + "(llama.cpp: --jinja; vLLM: --enable-auto-tool-choice --tool-call-parser …) or too much for the model"
            )
        case .failed(let reason): return Finding(.models, .fail, "\(name): a request with a tool failed: \(reason)")
        }
    }
}
