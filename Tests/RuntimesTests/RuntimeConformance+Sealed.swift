import Domain
import Foundation
import Hummingbird
import TestSupport
import Testing

@testable import Runtimes

extension RuntimeConformance {
    /// Prints what a run without a network can and cannot reach.
    private static let attempts = """
        curl -s --unix-socket "$AL_EGRESS_SOCKET" http://proxy/; echo
        tail -n +2 /proc/net/route | wc -l
        for url in http://1.1.1.1 http://[2606:4700:4700::1111] http://169.254.169.254 http://10.0.0.1; do
            curl -s -m 2 "$url" >/dev/null; echo "$?"
        done
        getent hosts gateway | cut -d' ' -f1
        getent hosts example.com >/dev/null || echo no names
        touch /run/al/egress/x 2>/dev/null || echo read-only
        ls /run/al/egress
        """

    /// A sealed run reaches the socket it was given and nothing else, also after the socket was made anew.
    static func sealed(_ world: RuntimeWorld) async throws {
        guard world.runtime.controlsEgress else { return }
        let directory = try TemporaryDirectory()
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: directory.path)
        for answer in ["first", "second"] {
            try await withServer(at: "\(directory.path)/proxy", answering: answer) {
                var launch = try world.launch(attempts)
                launch.egressDirectory = directory.path
                let handle = try await world.runtime.launch(launch)
                let lines = try await world.follow(handle, from: nil).filter { $0.stream == .standardOutput }.map(
                    \.text
                )
                // 7: curl could not connect.
                let expected = [answer, "0", "7", "7", "7", "7", "127.0.0.1", "no names", "read-only", "proxy"]
                #expect(lines == expected)
                try await world.finish(handle)
            }
        }
    }

    private static func withServer(
        at path: String,
        answering text: String,
        _ body: @Sendable @escaping () async throws -> Void
    ) async throws {
        let router = Router()
        router.get("/") { _, _ in text }
        try await LoopbackServer.run(router.buildResponder(), at: .unixDomainSocket(path: path)) { _ in
            try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: path)
            try await body()
        }
        try? FileManager.default.removeItem(atPath: path)
    }
}
