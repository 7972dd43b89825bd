import Domain
import Hummingbird

/// What the gateway says to the browsers of a chat.
enum ChatView: Hashable, Sendable {
    /// How it stands; `isFresh`: whatever was shown so far is outdated, and the conversation follows.
    case session(ChatState, isFresh: Bool)
    /// What a person said.
    case user(String)
    case report(ChatReport)

    /// The message as it is sent.
    var json: JSONValue {
        switch self {
        case .session(let state, let isFresh):
            ["type": "session", "state": .string(state.rawValue), "fresh": .bool(isFresh)]
        case .user(let text): ["type": "user_message", "text": .string(text)]
        case .report(let report): report.json
        }
    }

    /// The same as bytes, with the time of what it tells.
    func buffer(at time: Int) -> ByteBuffer {
        var json = json
        json["at"] = .int(time)
        return ByteBuffer(string: json.compactText)
    }
}

/// How a chat stands.
enum ChatState: String, Hashable, Sendable {
    /// The container is not there yet.
    case starting
    /// The agent listens.
    case ready
    /// It answers.
    case working
    /// It is over.
    case ended
}
