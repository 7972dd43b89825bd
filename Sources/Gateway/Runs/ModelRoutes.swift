import Domain
import Hummingbird

/// `/llm/<model>/…`: what runs without a network ask their models.
struct ModelRoutes {
    /// Bytes of a request; providers take less.
    private static let bodyLimit = 64 << 20

    let models: any ModelDoor
    let isExposed: Bool

    var all: [Route] {
        [Route(.post, "/llm/:model/*", plane: .open) { try await relay($0) }]
    }

    private func relay(_ call: GatewayRequest) async throws -> Response {
        try call.refuseStrangers(isExposed: isExposed)
        let fields = call.request.headers
        guard let token = fields.lazy.compactMap({ Self.token($0.name.canonicalName, $0.value) }).first else {
            throw refusal(.unauthorized, "the token of the run is missing")
        }
        guard let length = fields[.contentLength].flatMap({ Int($0) }), length >= 0 else {
            throw refusal(.lengthRequired, "the request needs a Content-Length")
        }
        guard length <= Self.bodyLimit else { throw Rejection.payloadTooLarge }
        let prefix = "/llm/\(call["model"])"
        let request = ModelCall(
            token: token,
            model: call["model"],
            path: String(call.request.uri.string.dropFirst(prefix.count)),
            headers: fields.filter { !$0.value.contains(token) }.map { ($0.name.rawName, $0.value) },
            body: call.request.body,
            length: length
        )
        do throws(ModelRefusal) {
            return response(try await models.send(request))
        } catch {
            switch error {
            case .unknownToken: throw refusal(.forbidden, "no live run has this token")
            case .notFound: throw refusal(.notFound, "the agent has no model that is asked for this path")
            case .unreachable(let reason): throw refusal(.badGateway, reason)
            }
        }
    }

    private func response(_ answer: ModelAnswer) -> Response {
        var fields = HTTPFields()
        for (name, value) in answer.headers {
            if let name = HeaderName(name) { fields.append(.init(name: name, value: value)) }
        }
        let body = ResponseBody { writer in
            do {
                for try await bytes in answer.body { try await writer.write(bytes) }
                try await writer.finish(nil)
            } catch {
                await answer.ended(error)
                throw error
            }
            await answer.ended(nil)
        }
        return Response(status: .init(code: answer.status), headers: fields, body: body)
    }

    /// In the shape that the clients of models read.
    private func refusal(_ status: HTTPResponse.Status, _ message: String) -> Rejection {
        Rejection(status, body: ["error": ["type": "gateway_error", "message": .string(message)]])
    }

    /// A token where the providers' keys stand.
    private static func token(_ name: String, _ value: String) -> String? {
        switch name {
        case "x-api-key", "x-goog-api-key": value
        case "authorization" where value.lowercased().hasPrefix("bearer "): String(value.dropFirst("bearer ".count))
        default: nil
        }
    }
}
