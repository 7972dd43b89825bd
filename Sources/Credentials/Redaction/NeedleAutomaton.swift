/// Finds many byte sequences in one pass (Aho and Corasick's automaton).
///
/// A step costs the same whatever is looked for, so that the time for a text grows with its length only.
struct NeedleAutomaton: Sendable {
    /// A needle that ends at a state.
    struct Match: Hashable, Sendable {
        let length: Int32
        /// What the builder gave with the needle.
        let tag: Int32
    }

    private static let root: Int32 = 0
    /// Whether a needle begins with a pair of bytes: outside of needles nothing else has to be looked at.
    private var pairs = [Bool](repeating: false, count: 1 << 16)
    private var edges = EdgeTable()
    /// The root's edges, where nearly every byte of an ordinary text is looked up.
    private var first = [Int32](repeating: root, count: 256)
    /// Length of the needle's beginning that a state stands for.
    private var depths: [Int32] = [0]
    /// The state of the longest proper end that is a beginning itself.
    private var fallbacks: [Int32] = [root]
    /// The longest needle that ends here.
    private var matches: [Match] = [Match(length: 0, tag: 0)]
    /// The edge that leads to each state; needed while it is built only.
    private var edgesIn: [(parent: Int32, byte: UInt8)] = [(root, 0)]

    /// Builds the automaton; needles of less than two bytes are left out.
    init(_ needles: [(bytes: [UInt8], tag: Int)]) {
        for needle in needles where needle.bytes.count > 1 {
            insert(needle.bytes, tag: Int32(needle.tag))
            pairs[Self.pair(needle.bytes[0], needle.bytes[1])] = true
        }
        connect()
    }

    var isEmpty: Bool { depths.count == 1 }

    /// The state after a byte.
    func step(_ state: Int32, _ byte: UInt8) -> Int32 {
        var state = state
        while state != Self.root {
            if let next = edges[state, byte] { return next }
            state = fallbacks[Int(state)]
        }
        return first[Int(byte)]
    }

    /// Whether any needle stands in a text; line breaks are looked through.
    func occurs(in text: UnsafeBufferPointer<UInt8>) -> Bool {
        var state = Self.root
        return pairs.withUnsafeBufferPointer { pairs in
            for index in text.indices {
                let byte = text[index]
                if RedactionStream.isLineBreak(byte) { continue }
                if state == Self.root, index + 1 < text.count {
                    let next = text[index + 1]
                    guard pairs[Self.pair(byte, next)] || RedactionStream.isLineBreak(next) else { continue }
                }
                state = step(state, byte)
                if matches[Int(state)].length > 0 { return true }
            }
            return false
        }
    }

    private static func pair(_ first: UInt8, _ second: UInt8) -> Int { Int(first) << 8 | Int(second) }

    /// The longest needle that ends at a state; its length is 0 when none does.
    func match(at state: Int32) -> Match { matches[Int(state)] }

    /// How many of the last bytes may be the beginning of a needle.
    func depth(of state: Int32) -> Int { Int(depths[Int(state)]) }

    private mutating func insert(_ bytes: [UInt8], tag: Int32) {
        var state = Self.root
        for byte in bytes {
            if let next = child(of: state, byte) {
                state = next
                continue
            }
            let next = Int32(depths.count)
            depths.append(depths[Int(state)] + 1)
            fallbacks.append(Self.root)
            matches.append(Match(length: 0, tag: 0))
            edgesIn.append((state, byte))
            if state == Self.root { first[Int(byte)] = next } else { edges.insert(state, byte, next) }
            state = next
        }
        // Two secrets with one form: the first keeps it.
        if matches[Int(state)].length == 0 { matches[Int(state)] = Match(length: Int32(bytes.count), tag: tag) }
    }

    private func child(of state: Int32, _ byte: UInt8) -> Int32? {
        guard state == Self.root else { return edges[state, byte] }
        let next = first[Int(byte)]
        return next == Self.root ? nil : next
    }

    /// Sets the fallbacks, nearest states first, so that those of shorter beginnings are known.
    private mutating func connect() {
        for state in statesByDepth() where depths[Int(state)] > 1 {
            let edge = edgesIn[Int(state)]
            let fallback = step(fallbacks[Int(edge.parent)], edge.byte)
            fallbacks[Int(state)] = fallback
            if matches[Int(state)].length == 0 { matches[Int(state)] = matches[Int(fallback)] }
        }
        edgesIn = []
    }

    private func statesByDepth() -> [Int32] {
        var starts = [Int](repeating: 0, count: Int(depths.max() ?? 0) + 2)
        for depth in depths { starts[Int(depth) + 1] += 1 }
        for index in starts.indices.dropFirst() { starts[index] += starts[index - 1] }
        var order = [Int32](repeating: Self.root, count: depths.count)
        for state in depths.indices {
            order[starts[Int(depths[state])]] = Int32(state)
            starts[Int(depths[state])] += 1
        }
        return order
    }
}

/// The edges between states: a hash table with open addressing, because a dense table of long keys would take megabytes.
private struct EdgeTable {
    private static let empty = UInt64.max
    private var keys = [UInt64](repeating: empty, count: 64)
    private var values = [Int32](repeating: 0, count: 64)
    private var count = 0

    subscript(state: Int32, byte: UInt8) -> Int32? {
        let key = Self.key(state, byte)
        var slot = slot(of: key)
        while keys[slot] != Self.empty {
            if keys[slot] == key { return values[slot] }
            slot = (slot + 1) & (keys.count - 1)
        }
        return nil
    }

    /// Adds an edge that is not there yet.
    mutating func insert(_ state: Int32, _ byte: UInt8, _ next: Int32) {
        if 2 * (count + 1) > keys.count { grow() }
        place(Self.key(state, byte), next)
        count += 1
    }

    private mutating func grow() {
        let (oldKeys, oldValues) = (keys, values)
        keys = Array(repeating: Self.empty, count: 2 * oldKeys.count)
        values = Array(repeating: 0, count: 2 * oldKeys.count)
        for index in oldKeys.indices where oldKeys[index] != Self.empty { place(oldKeys[index], oldValues[index]) }
    }

    private mutating func place(_ key: UInt64, _ value: Int32) {
        var slot = slot(of: key)
        while keys[slot] != Self.empty { slot = (slot + 1) & (keys.count - 1) }
        keys[slot] = key
        values[slot] = value
    }

    private func slot(of key: UInt64) -> Int {
        Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 32) & (keys.count - 1)
    }

    private static func key(_ state: Int32, _ byte: UInt8) -> UInt64 { UInt64(state) << 8 | UInt64(byte) }
}
