/// A set of the numbers 0 to 63.
struct BitSet64: Hashable, Sendable {
    private(set) var bits: UInt64 = 0

    init() {}

    init(bits: UInt64) { self.bits = bits }

    init(_ numbers: some Sequence<Int>) {
        for number in numbers { insert(number) }
    }

    var isEmpty: Bool { bits == 0 }

    mutating func insert(_ number: Int) { bits |= 1 << UInt64(number) }

    func contains(_ number: Int) -> Bool { bits & (1 << UInt64(number)) != 0 }

    /// The smallest member that is at least `number`.
    func first(from number: Int) -> Int? {
        guard number < 64 else { return nil }
        let rest = bits >> UInt64(number)
        return rest == 0 ? nil : number + rest.trailingZeroBitCount
    }

    func union(_ other: BitSet64) -> BitSet64 { BitSet64(bits: bits | other.bits) }

    func intersection(_ other: BitSet64) -> BitSet64 { BitSet64(bits: bits & other.bits) }
}
