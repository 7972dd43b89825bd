import AsyncHTTPClient
import Domain
import Foundation
import LanguageModels
import NIOCore
import NIOHTTP1

/// The server of a `custom` model.
struct ModelServer: Sendable {
    /// What came of asking which models there are.
    enum Answer: Hashable, Sendable {
        case ids([String])
        /// Some of them; others are on further pages.
        case firstIDs([String])
        /// The HTTP status.
        case refused(Int)
        /// Why there was no answer.
        case silent(String)
    }

    /// What came of telling the model to call a tool.
    enum Trial: Hashable, Sendable {
        case called
        /// It answered with words.
        case talked
        case failed(String)
    }

    /// A model may have to be loaded first.
    private static let patience = Duration.seconds(60)

    let model: ModelConfig
    let key: String?
    let http: HTTPRoutes

    /// Asks for the list of models, for at most ten seconds.
    func models() async -> Answer {
        do {
            let request = try modelListRequest(model, key: key, in: environment)
            let response = try await http.client(for: request.url).execute(request, timeout: .seconds(10))
            let body = try await response.body.collect(upTo: 4 << 20)
            guard response.status == .ok, let document = try? JSONValue(parsing: body.readableBytesView),
                let list = (document["data"] ?? document["models"])?.arrayValue
            else { return .refused(Int(response.status.code)) }
            // Google's are called `models/<id>`.
            let ids = list.compactMap { ($0["id"] ?? $0["name"])?.stringValue }
                .map { $0.hasPrefix("models/") ? String($0.dropFirst("models/".count)) : $0 }
            let hasMore =
                document["has_more"]?.boolValue == true || document["nextPageToken"]?.stringValue?.isEmpty == false
            return hasMore ? .firstIDs(ids) : .ids(ids)
        } catch let error as HTTPClientError {
            return .silent(error.shortDescription)
        } catch let error as ModelError {
            return .silent(error.message)
        } catch {
            return .silent("no connection")
        }
    }

    /// Asks the model to call a tool, as a run would.
    func callsTools() async -> Trial {
        await withTaskGroup(of: Trial?.self) { group in
            group.addTask { await trial() }
            group.addTask {
                // Cancelled: the answer was quicker.
                let isOver = (try? await Task.sleep(for: Self.patience, clock: .continuous)) != nil
                return isOver ? .failed("no answer within \(Self.patience.components.seconds) s") : nil
            }
            defer { group.cancelAll() }
            for await result in group {
                if let result { return result }
            }
            return .failed("no answer")
        }
    }

    private func trial() async -> Trial {
        let tool = ToolDefinition(
            name: "report",
            description: "Report one word.",
            schema: ["type": "object", "properties": ["word": ["type": "string"]], "required": ["word"]]
        )
        let prompt = UserMessage([.text("Call the tool report with the word ready. Do nothing else.")], timestamp: 0)
        let request = ModelRequest(
            system: "You call tools.",
            messages: [.user(prompt)],
            tools: [tool],
            maxOutputTokens: 1024
        )
        do {
            let reply = try await makeLanguageModel(model, key: key, in: environment).reply(to: request) { _ in }
            return reply.toolCalls.contains { $0.isComplete && $0.name == tool.name } ? .called : .talked
        } catch let error as ModelError {
            return .failed(error.message)
        } catch {
            return .failed("\(error)")
        }
    }

    private var environment: ModelEnvironment {
        ModelEnvironment(
            facts: ScriptFacts(agent: "doctor", trigger: .manual(prompt: nil), params: [:], date: ""),
            http: http,
            clock: ContinuousClock(),
            now: { Date() },
            random: { .random(in: .min ... .max) },
            version: Version.current
        )
    }
}
