import Domain
import OrderedCollections

/// Fits a history to the model that is asked next.
///
/// What another model thought becomes plain text, foreign signatures go, call ids get the target's form, every call
/// has its results right behind its reply in the order of the calls, and images give way to a note where the model
/// takes none.
struct HistoryAdapter {
    let info: ModelInfo
    /// Ids that the target gave itself go back as they came.
    let keepsOwnIDs: Bool
    /// Turns a call id into one that the target accepts.
    let callID: (String) -> String
    private var used: Set<String> = []

    init(info: ModelInfo, keepsOwnIDs: Bool = false, callID: @escaping (String) -> String = Self.plainID) {
        self.info = info
        self.keepsOwnIDs = keepsOwnIDs
        self.callID = callID
    }

    /// The form of ids that nearly everybody accepts: `[A-Za-z0-9_-]{1,64}`.
    static func plainID(_ id: String) -> String { id.isEmpty ? "call" : plain(id) }

    /// The same form for names of tools: models invent names that their own providers refuse to read back.
    static func plainName(_ name: String) -> String { name.isEmpty ? "unknown" : plain(name) }

    private static func plain(_ text: String) -> String {
        let allowed = text.unicodeScalars.map { scalar in
            ("0"..."9").contains(scalar) || ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
                || scalar == "_" || scalar == "-" ? Character(scalar) : "_"
        }
        return String(allowed.prefix(64))
    }

    /// The history as the target may see it.
    mutating func adapt(_ messages: [Message]) -> [Message] {
        var result: [Message] = []
        var position = 0
        while position < messages.count {
            guard case .assistant(let reply) = messages[position] else {
                // A result without its call has nothing to belong to.
                if case .user(let message) = messages[position] { result.append(.user(adapt(message))) }
                position += 1
                continue
            }
            let end = messages[(position + 1)...].firstIndex { if case .assistant = $0 { true } else { false } }
            let followers = messages[(position + 1)..<(end ?? messages.count)]
            result += adapt(reply, followers: followers)
            position = end ?? messages.count
        }
        return result
    }

    private mutating func adapt(_ reply: AssistantMessage, followers: ArraySlice<Message>) -> [Message] {
        var ids: [String] = []
        var adapted = reply
        adapted.content = []
        let isOwn = reply.provider == info.provider && reply.model == info.id
        for content in reply.content {
            guard var part = isOwn ? content : foreign(content) else { continue }
            if case .toolCall(var call) = part {
                call.id = unique(call.id, isOwn: isOwn)
                call.name = Self.plainName(call.name)
                call.arguments = call.arguments.mappingStrings(\.withoutNUL)
                ids.append(call.id)
                part = .toolCall(call)
            }
            adapted.content.append(clean(part))
        }
        // Calls of one reply may share an id: the first of them has the first result.
        var results: [String: [ToolResultMessage]] = [:]
        var users: [Message] = []
        for case .toolResult(let message) in followers { results[message.callID, default: []].append(message) }
        for case .user(let message) in followers { users.append(.user(adapt(message))) }
        let answers = zip(reply.toolCalls, ids).map { call, id in
            let given = results[call.id]?.first
            results[call.id]?.removeFirst(given == nil ? 0 : 1)
            var answer =
                given
                ?? ToolResultMessage(
                    callID: call.id,
                    toolName: call.name,
                    content: [.text("no result")],
                    isError: true,
                    timestamp: reply.timestamp
                )
            answer.callID = id
            answer.toolName = Self.plainName(call.name)
            answer.content = answer.content.map(fitted)
            return Message.toolResult(answer)
        }
        return [.assistant(adapted)] + answers + users
    }

    private func adapt(_ message: UserMessage) -> UserMessage {
        UserMessage(message.content.map(fitted), timestamp: message.timestamp)
    }

    private func foreign(_ content: Content) -> Content? {
        switch content {
        case .text(let part):
            return .text(TextContent(text: part.text))
        case .thinking(let part):
            return part.isRedacted || part.text.isEmpty ? nil : .text(part.text)
        case .image:
            return content
        case .toolCall(var call):
            call.signature = nil
            return .toolCall(call)
        }
    }

    private func fitted(_ content: Content) -> Content {
        if case .image(let image) = content, !info.acceptsImages {
            return .text("[\(image.mime) image left out: this model does not take it]")
        }
        return clean(content)
    }

    /// No provider accepts NUL in a text.
    private func clean(_ content: Content) -> Content {
        guard case .text(var part) = content else { return content }
        part.text = part.text.withoutNUL
        return .text(part)
    }

    /// The target's form of an id, different from all before it.
    private mutating func unique(_ id: String, isOwn: Bool) -> String {
        var candidate = isOwn && keepsOwnIDs && !id.isEmpty ? id : callID(id)
        var number = 2
        while !used.insert(candidate).inserted {
            let suffix = "_\(number)"
            candidate = callID(id.prefix(64 - suffix.count) + suffix)
            number += 1
        }
        return candidate
    }
}

extension String {
    fileprivate var withoutNUL: String {
        utf8.contains(0) ? String(String.UnicodeScalarView(unicodeScalars.filter { $0.value != 0 })) : self
    }
}
