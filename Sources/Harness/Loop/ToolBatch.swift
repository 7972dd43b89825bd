import Domain
import LanguageModels

/// The calls of one reply: checked all together, then run concurrently, answered in their order.
struct ToolBatch {
    /// A call that was looked at.
    struct Item {
        let call: ToolCall
        let arguments: JSONValue
        let access: ToolAccess
        /// `nil`: refused.
        let tool: (any Tool)?
        /// The answer to a refused call.
        let refusal: ToolOutput?
        /// Refused for what the model wrote, not because it was cut off.
        let isInvalid: Bool
    }

    /// What comes back from a batch.
    struct Outcome {
        var outputs: [ToolOutput]
        var strike: GuardStrike?
    }

    static let width = 8
    static let cancelled = ToolOutput("cancelled", isError: true)

    let items: [Item]

    var invalidCount: Int { items.filter(\.isInvalid).count }

    init(_ calls: [ToolCall], cutOff: Set<Int>, tools: ToolRegistry, context: ToolContext) {
        items = calls.enumerated().map { index, call in
            Self.check(call, isCutOff: cutOff.contains(index), tools: tools, context: context)
        }
    }

    /// Runs what may run.
    ///
    /// - Parameters:
    ///   - context: where the tools work.
    ///   - errorGuard: counts the failures; its third strike cancels the rest.
    ///   - isStopped: asked before each start; calls not yet started are then answered with "cancelled".
    ///   - onEvent: starts and ends, as they happen.
    /// - Returns: one output for each call, in order.
    func run(
        in context: ToolContext,
        errorGuard: inout ErrorGuard,
        isStopped: @Sendable () -> Bool,
        onEvent: (Progress) -> Void
    ) async -> Outcome {
        var outputs: [Int: ToolOutput] = [:]
        var strike: GuardStrike?
        var waiting: [Int] = []
        for (index, item) in items.enumerated() {
            guard let refusal = item.refusal else {
                waiting.append(index)
                continue
            }
            outputs[index] = refusal
            onEvent(.ended(item, refusal))
        }
        await withTaskGroup(of: (Int, ToolOutput).self) { group in
            var running = 0
            while true {
                while running < Self.width, !waiting.isEmpty, strike == nil, !Task.isCancelled, !isStopped() {
                    guard let position = waiting.firstIndex(where: { isReady($0, outputs) }) else { break }
                    let index = waiting.remove(at: position)
                    let item = items[index]
                    onEvent(.started(item))
                    running += 1
                    group.addTask { (index, await item.output(in: context)) }
                }
                guard running > 0, let (index, output) = await group.next() else { break }
                running -= 1
                let wasCancelled = strike != nil || Task.isCancelled
                let answer = wasCancelled && output.isError ? Self.cancelled : output
                outputs[index] = answer
                onEvent(.ended(items[index], answer))
                if answer.isError, !wasCancelled {
                    strike = errorGuard.onFailure(answer.text, tool: items[index].call.name)
                    if strike != nil { group.cancelAll() }
                }
            }
        }
        return Outcome(outputs: items.indices.map { outputs[$0] ?? Self.cancelled }, strike: strike)
    }

    /// A start or an end.
    enum Progress {
        case started(Item)
        case ended(Item, ToolOutput)
    }

    private func isReady(_ index: Int, _ outputs: [Int: ToolOutput]) -> Bool {
        items[..<index].indices.allSatisfy { earlier in
            outputs[earlier] != nil || !items[index].access.conflicts(with: items[earlier].access)
        }
    }

    private static func check(_ call: ToolCall, isCutOff: Bool, tools: ToolRegistry, context: ToolContext) -> Item {
        func refused(_ text: String, isInvalid: Bool = true) -> Item {
            Item(
                call: call,
                arguments: call.arguments,
                access: .free,
                tool: nil,
                refusal: ToolOutput(text, isError: true),
                isInvalid: isInvalid
            )
        }
        if isCutOff {
            let text = "The call was cut off, nothing was done. Send less at once, in several calls."
            return refused(text, isInvalid: false)
        }
        guard let tool = tools.tool(named: call.name) else {
            let known = tools.tools.map(\.definition.name).joined(separator: ", ")
            return refused("There is no tool \(call.name). Tools: \(known).")
        }
        let checked = ArgumentValidation(
            call.arguments,
            schema: tool.definition.schema,
            keepsUnknown: tool.acceptsUnknownArguments
        )
        guard checked.problems.isEmpty else {
            let echo = String(decoding: call.arguments.compactText.utf8.prefix(2048), as: UTF8.self)
            return refused(
                "Nothing was done, the arguments of \(tool.definition.name) are wrong:\n"
                    + checked.problems.map { "- \($0)" }.joined(separator: "\n") + "\nGiven: \(echo)"
            )
        }
        return Item(
            call: call,
            arguments: checked.arguments,
            access: tool.access(checked.arguments, in: context),
            tool: tool,
            refusal: nil,
            isInvalid: false
        )
    }
}

extension ToolBatch.Item {
    /// Runs the call; whatever is thrown becomes an error result.
    func output(in context: ToolContext) async -> ToolOutput {
        guard let tool else { return refusal ?? ToolBatch.cancelled }
        var context = context
        context.callID = call.id
        do {
            let output = try await tool.run(arguments, in: context)
            // What a tool gathered until it was cancelled is no result.
            return Task.isCancelled ? ToolBatch.cancelled : output
        } catch is CancellationError {
            return ToolBatch.cancelled
        } catch {
            // Servers of tools send stack traces and whole pages as their errors.
            var text = BoundedText()
            text.append(Array("\(error)".utf8)[...])
            return ToolOutput(text.text(file: nil, skippedLines: 0, skippedBytes: 0), isError: true)
        }
    }
}
