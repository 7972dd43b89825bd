/// Takes secrets out of a text that comes in pieces.
///
/// What might be the beginning of a secret is held back until it is known not to be one; ``finish()`` gives out the rest.
package struct RedactionStream: Sendable {
    private struct Finding {
        var range: Range<Int>
        var tag: Int
        /// Of the longest needle in the range, which names it.
        var length: Int
    }

    private let automaton: NeedleAutomaton
    private let secrets: [Secret]
    private var state: Int32 = 0
    /// What was taken in and not given out.
    private var pending: [UInt8] = []
    /// Where in `pending` line breaks stand, which the search looks through.
    private var lineBreaks: [Int] = []
    /// Apart from each other and in order.
    private var findings: [Finding] = []
    /// The secrets that stood in what was given out, in order of appearance.
    package private(set) var found: [Secret] = []

    init(automaton: NeedleAutomaton, secrets: [Secret]) {
        self.automaton = automaton
        self.secrets = secrets
    }

    static func isLineBreak(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }

    /// Takes in a piece.
    ///
    /// - Returns: what is certain so far and was not returned before.
    package mutating func append(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        scan(bytes)
        let begin = rawStart(endingAt: pending.count, length: automaton.depth(of: state))
        // A later finding can begin inside the last one and then becomes one with it.
        let last = findings.last.map { $0.range.upperBound > begin ? $0.range.lowerBound : begin } ?? begin
        return release(upTo: min(begin, last))
    }

    /// Ends the text.
    ///
    /// - Returns: the rest.
    package mutating func finish() -> [UInt8] {
        state = 0
        return release(upTo: pending.count)
    }

    /// Looks for needles without giving anything out.
    mutating func scan(_ bytes: some Sequence<UInt8>) {
        for byte in bytes {
            pending.append(byte)
            if Self.isLineBreak(byte) {
                lineBreaks.append(pending.count - 1)
                continue
            }
            state = automaton.step(state, byte)
            let match = automaton.match(at: state)
            if match.length > 0 { add(match) }
        }
    }

    private mutating func add(_ match: NeedleAutomaton.Match) {
        let end = pending.count
        var finding = Finding(
            range: rawStart(endingAt: end, length: Int(match.length))..<end,
            tag: Int(match.tag),
            length: Int(match.length)
        )
        while let last = findings.last, last.range.upperBound > finding.range.lowerBound {
            findings.removeLast()
            finding.range = min(last.range.lowerBound, finding.range.lowerBound)..<end
            if last.length >= finding.length { (finding.tag, finding.length) = (last.tag, last.length) }
        }
        findings.append(finding)
    }

    /// Where the last so many bytes that are no line breaks begin.
    private func rawStart(endingAt end: Int, length: Int) -> Int {
        var start = end - length
        var index = lineBreaks.count - 1
        while length > 0, index >= 0, lineBreaks[index] >= start {
            start -= 1
            index -= 1
        }
        return start
    }

    private mutating func release(upTo limit: Int) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(limit)
        var position = 0
        let isOut = { (finding: Finding) in finding.range.upperBound <= limit }
        for finding in findings.prefix(while: isOut) {
            output += pending[position..<finding.range.lowerBound]
            let secret = secrets[finding.tag]
            output += secret.mark.utf8
            if !found.contains(secret) { found.append(secret) }
            position = finding.range.upperBound
        }
        output += pending[position..<limit]
        pending.removeFirst(limit)
        lineBreaks = lineBreaks.filter { $0 >= limit }.map { $0 - limit }
        findings = findings.drop(while: isOut).map {
            Finding(
                range: ($0.range.lowerBound - limit)..<($0.range.upperBound - limit),
                tag: $0.tag,
                length: $0.length
            )
        }
        return output
    }
}
