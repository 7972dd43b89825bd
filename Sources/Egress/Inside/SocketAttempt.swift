import Glibc

/// One attempt to reach an address, with the system's sockets and at most two seconds.
enum SocketAttempt {
    enum Outcome: Hashable, Sendable {
        /// The kernel said no, in these words.
        case refused(String)
        case silent
        case answered
    }

    private static let patience: Int32 = 2000

    /// Opens a TCP connection.
    static func connect(_ address: String, _ port: Int) -> Outcome {
        attempt(address, port, type: Int32(SOCK_STREAM.rawValue)) { socket in
            awaitEvent(POLLOUT, socket) { error(of: socket).map(Outcome.refused) ?? .answered }
        }
    }

    /// Asks a name server for an address.
    static func query(_ server: String) -> Outcome {
        attempt(server, 53, type: Int32(SOCK_DGRAM.rawValue)) { socket in
            // Header with one question; example.com, type A, class IN.
            let question: [UInt8] =
                [0x2A, 0x2A, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0] + [7] + Array("example".utf8) + [3] + Array("com".utf8)
                + [0, 0, 1, 0, 1]
            guard send(socket, question, question.count, Int32(MSG_NOSIGNAL)) >= 0 else {
                return .refused(reason(errno))
            }
            return awaitEvent(POLLIN, socket) {
                var answer = [UInt8](repeating: 0, count: 512)
                return recv(socket, &answer, answer.count, 0) >= 0 ? .answered : .refused(reason(errno))
            }
        }
    }

    private static func attempt(_ address: String, _ port: Int, type: Int32, _ then: (Int32) -> Outcome) -> Outcome {
        var hints = addrinfo()
        hints.ai_flags = AI_NUMERICHOST
        hints.ai_socktype = type
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(address, String(port), &hints, &list) == 0, let info = list?.pointee else {
            return .refused("no address")
        }
        defer { freeaddrinfo(list) }
        let socket = socket(info.ai_family, type | Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { return .refused(reason(errno)) }
        defer { close(socket) }
        guard Glibc.connect(socket, info.ai_addr, info.ai_addrlen) == 0 || errno == EINPROGRESS else {
            return .refused(reason(errno))
        }
        return then(socket)
    }

    private static func awaitEvent(_ event: Int32, _ socket: Int32, _ then: () -> Outcome) -> Outcome {
        var poll = pollfd(fd: socket, events: Int16(event), revents: 0)
        return Glibc.poll(&poll, 1, patience) > 0 ? then() : .silent
    }

    private static func error(of socket: Int32) -> String? {
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(socket, SOL_SOCKET, SO_ERROR, &code, &size)
        return code == 0 ? nil : reason(code)
    }

    private static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}
