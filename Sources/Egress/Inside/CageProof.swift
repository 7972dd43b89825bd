package import Domain
import Foundation
import NIOPosix

/// Tries to leave the cage; every attempt must fail at once.
///
/// Silence does not count as failure: a packet that nobody answers has left.
package struct CageProof: Sendable {
    /// An attempt that failed as it must.
    package struct Refused: Hashable, Sendable {
        package var tried: String
        /// What refused it.
        package var by: String
    }

    /// An attempt that did not fail.
    package struct Open: Error, Hashable, Sendable, CustomStringConvertible {
        /// What was reached, or what could not be tried, for people.
        package var description: String
    }

    /// The one way that is left leads nowhere at the moment: nothing was reached, and nothing proven.
    package struct NoAnswer: Error, Hashable, Sendable, CustomStringConvertible {
        /// What went wrong, for people.
        package var description: String
    }

    /// A host that is on nobody's list: the name cannot exist.
    package static let unlistedHost = "cage-proof.invalid"

    private let proxy: ProxyServer

    /// Describes the proof.
    ///
    /// - Parameter proxy: the one way that is left.
    package init(proxy: ProxyServer) { self.proxy = proxy }

    /// Makes the attempts.
    ///
    /// - Returns: what was tried and what refused it.
    /// - Throws: ``Open`` at the first that did not fail, ``NoAnswer`` when the proxy says nothing.
    package func run() async throws -> [Refused] {
        try await NIOThreadPool.singleton.runIfActive { try Self.directAttempts() } + [proxyAttempt()]
    }

    private static func directAttempts() throws -> [Refused] {
        if let device = foreignRoute() { throw Open(description: "a route through \(device)") }
        var refused = [Refused(tried: "routes", by: "none but loopback")]
        let addresses = [("1.1.1.1", 443), ("2606:4700:4700::1111", 443), ("169.254.169.254", 80)]
        for (address, port) in addresses {
            refused.append(try judge(SocketAttempt.connect(address, port), "\(address):\(port)"))
        }
        for server in nameServers() + ["8.8.8.8"] {
            refused.append(try judge(SocketAttempt.query(server), "DNS \(server)"))
        }
        return refused
    }

    private static func judge(_ outcome: SocketAttempt.Outcome, _ tried: String) throws -> Refused {
        switch outcome {
        case .refused(let reason): return Refused(tried: tried, by: reason)
        case .silent: throw Open(description: "\(tried), which did not answer but was not refused either")
        case .answered: throw Open(description: tried)
        }
    }

    /// A device other than loopback that a route leads through.
    private static func foreignRoute() -> String? {
        // Where a table cannot be read the attempts that follow must do.
        let four = text("/proc/net/route").split(separator: "\n").dropFirst().compactMap { line in
            line.split(whereSeparator: \.isWhitespace).first.map(String.init)
        }
        let six = text("/proc/net/ipv6_route").split(separator: "\n").compactMap { line in
            line.split(whereSeparator: \.isWhitespace).last.map(String.init)
        }
        return (four + six).first { $0 != "lo" }
    }

    private static func nameServers() -> [String] {
        text("/etc/resolv.conf").split(separator: "\n").compactMap { line in
            let words = line.split(whereSeparator: \.isWhitespace)
            return words.count >= 2 && words[0] == "nameserver" ? String(words[1]) : nil
        }
    }

    private static func text(_ path: String) -> String {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    func proxyAttempt() async throws -> Refused {
        let tried = "CONNECT \(Self.unlistedHost):443"
        do {
            try await ProxyTunnel(host: Self.unlistedHost, port: 443, through: proxy).with(proxy) { _, _ in }
        } catch let refusal as ProxyTunnel.Refusal where refusal.status == 403 {
            return Refused(tried: tried, by: "proxy")
        } catch let refusal as ProxyTunnel.Refusal where refusal.status > 0 {
            throw Open(description: "the proxy, which answered \(refusal.status) where it must refuse")
        } catch {
            throw NoAnswer(description: "\(error)")
        }
        throw Open(description: "\(Self.unlistedHost) through the proxy, which must refuse it")
    }
}
