import Domain
import Foundation
package import Hummingbird

/// Answers every request of one listener: route, credential, handler, log line.
package struct GatewayResponder: HTTPResponder {
    let table: RouteTable
    let listener: ListenerKind
    let options: GatewayOptions
    let dependencies: GatewayDependencies
    let access: AccessControl
    let bodies: BodyMemory

    package func respond(to request: Request, context: GatewayContext) async throws -> Response {
        let begin = dependencies.now()
        let (shownPath, response) = await answer(request, context)
        if shownPath != "/health" {
            let milliseconds = Int((dependencies.now().timeIntervalSince(begin) * 1000).rounded())
            let fields: JSONValue = [
                "method": .string(request.method.rawValue), "path": .string(shownPath),
                "status": .int(response.status.code), "duration": .int(max(0, milliseconds)),
            ]
            let level: GatewayLogLine.Level = response.status.code < 400 ? .debug : .warn
            dependencies.log(GatewayLogLine(level: level, message: "request", fields: fields))
        }
        return request.method == .head ? response.createHeadResponse() : response
    }

    /// The answer and the path as the log may show it.
    private func answer(_ request: Request, _ context: GatewayContext) async -> (String, Response) {
        let path = request.uri.path
        guard let segments = Self.segments(of: path) else {
            return ("(malformed)", Rejection.notFound.response)
        }
        switch table.match(request.method, segments) {
        case .found(let route, let parameters):
            var isStillOperator: @Sendable () -> Bool = { false }
            if route.plane == .operators { isStillOperator = { access.isOperator(request) } }
            let call = GatewayRequest(
                request: request,
                parameters: parameters,
                declaredLength: request.headers[.contentLength].flatMap { Int($0) },
                peer: context.peer,
                trustedProxies: options.trustedProxies,
                listener: listener,
                disconnect: context.disconnect,
                isStillOperator: isStillOperator,
                bodies: bodies,
                clock: dependencies.clock
            )
            let response =
                route.isBrief && Self.hasLittleToRead(call)
                ? await handle(call, with: route)
                : await withTaskExecutorPreference(globalConcurrentExecutor) {
                    await handleElsewhere(call, with: route)
                }
            return (route.hidesPath ? route.path : path, response)
        case .wrongMethod(let allowed, let plane):
            let shownPath = segments.first == "credentials" ? "/credentials/…" : path
            if plane == .operators, let refusal = access.refusal(of: request) { return (shownPath, refusal) }
            let headers: HTTPFields = [.allow: allowed.joined(separator: ", ")]
            return (shownPath, Rejection(.methodNotAllowed, error: "method not allowed", headers: headers).response)
        case .none:
            if belongsToOperators(segments), let refusal = access.refusal(of: request) {
                return (path, refusal)
            }
            return (segments.first == "credentials" ? "/credentials/…" : path, Rejection.notFound.response)
        }
    }

    /// Whether a body is short enough to be handled in a moment; one without a length may not be.
    private static func hasLittleToRead(_ call: GatewayRequest) -> Bool {
        guard let length = call.declaredLength else { return call.request.method != .post }
        return length <= 256 << 10
    }

    /// Answers in the shared pool: the event loop of the connection serves others as well.
    @concurrent private func handleElsewhere(_ call: GatewayRequest, with route: Route) async -> Response {
        await handle(call, with: route)
    }

    private func handle(_ call: GatewayRequest, with route: Route) async -> Response {
        if route.plane == .operators, let refusal = access.refusal(of: call.request) { return refusal }
        do {
            return try await route.handler(call)
        } catch let rejection as Rejection {
            return rejection.response
        } catch {
            let id = dependencies.randomBytes(8).hexText
            let fields: JSONValue = [
                "requestId": .string(id), "path": .string(route.path), "err": .string(String(describing: error)),
            ]
            dependencies.log(GatewayLogLine(level: .error, message: "request failed", fields: fields))
            return .json(["error": "internal error", "requestId": .string(id)], status: .internalServerError)
        }
    }

    /// Whether an unknown path is one that only operators may know to be unknown.
    private func belongsToOperators(_ segments: [String]) -> Bool {
        guard listener == .main, let first = segments.first else { return false }
        return first == "control" || first == "api" || (first == "dashboard" && options.hasWebUI)
    }

    /// The decoded segments of a path; `nil` when the encoding is broken.
    private static func segments(of path: String) -> [String]? {
        var segments: [String] = []
        for part in path.utf8.split(separator: UInt8(ascii: "/")) {
            let part = Substring(part)
            guard part.utf8.contains(UInt8(ascii: "%")) else {
                segments.append(String(part))
                continue
            }
            guard let segment = part.removingPercentEncoding else { return nil }
            segments.append(segment)
        }
        return segments
    }
}
