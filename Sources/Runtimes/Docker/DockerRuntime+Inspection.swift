import Domain
package import Foundation
import NIOCore
import NIOHTTP1

extension DockerRuntime {
    /// What people may want to know about an engine.
    package struct EngineFacts: Hashable, Sendable {
        /// `Docker 29.1.2, API 1.47`.
        package var version: String
        /// The clock of the engine's machine; `nil` when it does not tell.
        package var time: Date?
        /// The base image that agents start from.
        package var baseImage: String
        /// Whether the engine has it; without it the next start builds it.
        package var hasBaseImage: Bool
    }

    /// Asks the engine; changes nothing.
    ///
    /// - Throws: ``RuntimeError`` when it does not answer.
    package func inspectEngine() async throws -> EngineFacts {
        let version = try await engine.send(.GET, "/version", timeout: .seconds(5)).json?["Version"]?.stringValue
        let info = try await engine.send(.GET, "/info", timeout: .seconds(10)).json
        let reference = ownImage ?? "\(ImageBuilder.baseName):\(builder.product.buildID)"
        let name = engine.dialect.isPodman ? "Podman" : "Docker"
        return EngineFacts(
            version: "\(name) \(version ?? "of unknown version"), API \(engine.dialect.apiVersion)",
            time: info?["SystemTime"]?.stringValue.flatMap(Self.date),
            baseImage: reference,
            hasBaseImage: try await engine.image(reference) != nil
        )
    }

    /// Reads RFC 3339 with more digits of a second than Foundation takes.
    private static func date(_ text: String) -> Date? {
        guard let point = text.firstIndex(of: ".") else { return try? Date(text, strategy: .iso8601) }
        let zone = text[text.index(after: point)...].drop(while: \.isNumber)
        // A clock that is written in another way is a clock that cannot be compared.
        return try? Date("\(text[..<point])\(zone)", strategy: .iso8601)
    }
}
