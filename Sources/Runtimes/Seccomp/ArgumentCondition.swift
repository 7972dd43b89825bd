/// What an argument of a system call must be for the call to be denied.
///
/// Only the lower 32 bits count: the kernel reads no more of the arguments that are judged here.
struct ArgumentCondition: Hashable, Sendable {
    enum Test: Hashable, Sendable {
        /// The bits of the mask are those of the value.
        case equals(UInt32, mask: UInt32 = .max)
        case hasAnyBit(of: UInt32)
        case isNone(of: [UInt32])
    }

    /// Which argument, from 0.
    let index: Int
    let test: Test

    init(_ index: Int, _ test: Test) {
        self.index = index
        self.test = test
    }
}
