import AsyncHTTPClient
import Domain
import FoundationEssentials
import LanguageModels
import NIOCore
import NIOHTTP1

/// Where the trigger part of the prompt comes from.
enum PromptSource {
    private static let sizeLimit = 16 << 20

    /// Reads it: from a file, from a URL, or from a variable; `nil` when none is named.
    ///
    /// - Throws: ``RunFailure`` when what is named cannot be read.
    static func read(_ environment: [String: String]) async throws -> String? {
        if let path = environment["AL_PROMPT_FILE"], !path.isEmpty {
            do {
                return String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
            } catch {
                throw RunFailure(.prompt, "the prompt file \(path) (AL_PROMPT_FILE) cannot be read: \(error)")
            }
        }
        if let url = environment["AL_PROMPT_URL"], !url.isEmpty {
            return try await fetch(url, ProxySettings(environment))
        }
        return environment["PROMPT"]
    }

    private static func fetch(_ url: String, _ proxies: ProxySettings) async throws -> String {
        guard url.hasPrefix("https://") else { throw RunFailure(.prompt, "AL_PROMPT_URL must begin with https://") }
        do {
            return try await HTTPRoutes.with(proxies) { http in
                let request = HTTPClientRequest(url: url)
                let response = try await http.client(for: url).execute(request, timeout: .seconds(30))
                guard response.status == .ok else {
                    throw RunFailure(.prompt, "AL_PROMPT_URL answered with HTTP \(response.status.code)")
                }
                return String(buffer: try await response.body.collect(upTo: sizeLimit))
            }
        } catch let failure as RunFailure {
            throw failure
        } catch {
            // The URL itself may be a secret, and errors may quote it.
            throw RunFailure(.prompt, "AL_PROMPT_URL could not be fetched (\(type(of: error)))")
        }
    }
}
