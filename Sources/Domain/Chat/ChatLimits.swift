/// What a chat with an agent in its container may take.
package enum ChatLimits {
    /// Bytes of one message, in either direction.
    package static let messageBytes = 64 << 10
    /// Messages that one client may send in a second.
    package static let messagesPerSecond = 10
    /// Chats at the same time.
    package static let sessions = 5
    /// How long a chat lives in which nothing is said.
    package static let idle = Duration.seconds(15 * 60)
    /// How long a container may take to show its token.
    package static let authentication = Duration.seconds(5)
    /// How often each end says that it is still there.
    package static let heartbeat = Duration.seconds(15)
}
