import Domain
import NIOCore
import NIOPosix
import Serving

/// One connection of a run to the proxy, from its first byte to its last.
struct EgressConnection: Sendable {
    /// Bytes of a request's head.
    static let headLimit = 64 << 10
    /// Time for a request's head.
    private static let headTimeout = TimeAmount.seconds(10)
    private static let connectTimeout = TimeAmount.seconds(10)
    /// Addresses of a name that are tried.
    private static let mostAddresses = 4

    let surroundings: EgressProxy.Surroundings
    let counts: ConnectionCounts
    let client: EgressStream
    /// From ``ConnectionCounts/enterStranger(_:)``.
    let stranger: Int

    /// Serves the client until it or its counterpart leaves; failures of the network end it without a word.
    func serve() async {
        // A peer that resets its connection is nobody's mistake here.
        try? await client.executeThenClose { inbound, outbound in
            var reader = ByteReader(inbound.makeAsyncIterator())
            guard let (request, grant) = try await admit(&reader, outbound) else { return }
            let answer = ProxyAnswer(outbound: outbound)
            guard counts.enter(grant.instance) else {
                await record(.refused(.tooMany), request, grant)
                return try await answer.refuse(.tooMany, request)
            }
            defer { counts.leave(grant.instance) }
            if let refusal = try await connect(request, grant, &reader, outbound) {
                await record(.refused(refusal), request, grant)
                try await answer.refuse(refusal, request)
            }
        }
    }

    /// Reads the request and finds out whose it is; `nil` when that was answered.
    private func admit(
        _ reader: inout ByteReader,
        _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) async throws -> (ProxyRequest, EgressGrant)? {
        defer { counts.leaveStranger(stranger) }
        let answer = ProxyAnswer(outbound: outbound)
        let channel = client.channel
        let timeout = channel.eventLoop.scheduleTask(in: Self.headTimeout) { channel.close(promise: nil) }
        defer { timeout.cancel() }
        guard let head = try await reader.head(limit: Self.headLimit) else {
            try await answer.send(.badRequest, "The head of the request is too large or incomplete")
            return nil
        }
        let request: ProxyRequest
        do {
            request = try ProxyRequest(head: head)
        } catch {
            try await answer.send(error == .lengthRequired ? .lengthRequired : .badRequest, error.rawValue)
            return nil
        }
        guard let token = request.token, let grant = await surroundings.grant(token) else {
            try await answer.send(.unauthorized, "The run's token is missing or no longer valid")
            return nil
        }
        return (request, grant)
    }

    /// Opens what was asked for and carries it to its end; what speaks against it is still to be answered.
    private func connect(
        _ request: ProxyRequest,
        _ grant: EgressGrant,
        _ reader: inout ByteReader,
        _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) async throws -> EgressDecision.Refusal? {
        guard let permission = grant.policy.permission(forHost: request.host, port: request.port) else {
            return .notListed
        }
        let addresses: [SocketAddress]
        switch try await self.addresses(of: request, permission, grant.policy) {
        case .success(let found): addresses = found
        case .failure(let refusal): return refusal.reason
        }
        var service: (@Sendable () async -> Void)?
        let server: EgressStream
        if let broker = grant.broker, request.isTunnel, broker.opens(request.host, port: request.port) {
            // A secret that is not there is for the scheduler's people; the run only hears that it cannot go on.
            guard let secrets = try? broker.secrets(for: request.host) else { return .noSecret }
            let tunnel = try await self.tunnel(request, addresses, secrets, broker.authority).open()
            (server, service) = (tunnel.near.take(), tunnel.serve)
        } else {
            guard let stream = await open(addresses) else { return .unreachable }
            server = stream
        }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            if let service { group.addTask { await service() } }
            defer { group.cancelAll() }
            try await carry(request, permission, grant, &reader, outbound, to: server)
            return nil
        }
    }

    private func tunnel(
        _ request: ProxyRequest,
        _ addresses: [SocketAddress],
        _ secrets: [SecretBroker.Secret],
        _ authority: RunAuthority
    ) -> BrokeredTunnel {
        BrokeredTunnel(
            host: request.host,
            port: request.port,
            addresses: addresses,
            secrets: secrets,
            authority: authority,
            certificateFile: surroundings.certificateFile
        )
    }

    /// Carries both ways and records what went through.
    private func carry(
        _ request: ProxyRequest,
        _ permission: EgressPolicy.Permission,
        _ grant: EgressGrant,
        _ reader: inout ByteReader,
        _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>,
        to server: EgressStream
    ) async throws {
        let relay = EgressRelay(client: client, clock: surroundings.clock)
        try await server.executeThenClose { inbound, upstream in
            if request.isTunnel {
                try await outbound.write(ByteBuffer(string: "HTTP/1.1 200 Connection established\r\n\r\n"))
            } else {
                try await upstream.write(ByteBuffer(string: request.forwardedHead))
            }
            let inspection = TunnelInspection(host: request.host, carriesAnything: permission.carriesAnything)
            var refusal: EgressDecision.Refusal?
            do {
                refusal = try await relay.carry(
                    &reader,
                    outbound,
                    inbound,
                    upstream,
                    request.isTunnel ? .tunnel(inspection) : .body(bytes: request.bodyLength)
                )
            } catch {
                // Either side may just leave; what went through until then is worth its record.
            }
            guard let rule = permission.rule else { return }
            // After the 200 there is no answer left but to hang up.
            await record(refusal.map { .refused($0) } ?? .allowed(rule: rule), request, grant, relay.traffic)
        }
    }

    /// Where the connection may go.
    private func addresses(
        of request: ProxyRequest,
        _ permission: EgressPolicy.Permission,
        _ policy: EgressPolicy
    ) async throws -> Result<[SocketAddress], Refused> {
        if case .gateway(let endpoint) = permission {
            return .success([try SocketAddress(unixDomainSocketPath: endpoint.socketPath)])
        }
        let texts = await surroundings.resolve(request.host)
        guard !texts.isEmpty else { return .failure(Refused(reason: .unresolved)) }
        // One bad address spoils the name: who answers like that is playing with the resolver.
        guard texts.allSatisfy({ policy.permits(address: $0, port: request.port) }) else {
            return .failure(Refused(reason: .notPublic))
        }
        return .success(
            try texts.prefix(Self.mostAddresses).map { try SocketAddress(ipAddress: $0, port: request.port) }
        )
    }

    /// The first that answers; the connection goes to an address that was checked, whatever the name leads to by now.
    private func open(_ addresses: [SocketAddress]) async -> EgressStream? {
        for address in addresses {
            let bootstrap = ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .channelOption(.allowRemoteHalfClosure, value: true)
                .connectTimeout(Self.connectTimeout)
            // Why one cannot be reached does not matter to the run.
            let stream = try? await bootstrap.connect(to: address) { channel in
                channel.eventLoop.makeCompletedFuture { try EgressStream.wrap(channel) }
            }
            if let stream { return stream }
        }
        return nil
    }

    private func record(
        _ verdict: EgressDecision.Verdict,
        _ request: ProxyRequest,
        _ grant: EgressGrant,
        _ traffic: Traffic = Traffic()
    ) async {
        let (outgoing, incoming) = traffic.sums
        await surroundings.record(
            EgressDecision(
                instance: grant.instance,
                host: request.host,
                port: request.port,
                verdict: verdict,
                bytesOut: outgoing,
                bytesIn: incoming
            )
        )
    }

    private struct Refused: Error { var reason: EgressDecision.Refusal }
}
