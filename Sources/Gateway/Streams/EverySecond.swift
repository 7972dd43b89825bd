/// One element at once, then one a second, until the task ends.
struct EverySecond: AsyncSequence {
    typealias Element = Void

    let clock: any Clock<Duration>

    func makeAsyncIterator() -> Iterator { Iterator(clock: clock) }

    /// Sleeps before every element but the first.
    struct Iterator: AsyncIteratorProtocol {
        let clock: any Clock<Duration>
        private var isFirst = true

        init(clock: any Clock<Duration>) { self.clock = clock }

        mutating func next() async -> Void? {
            defer { isFirst = false }
            // The sleep fails only when the task ends.
            if !isFirst, (try? await clock.sleep(for: .seconds(1))) == nil { return nil }
            return ()
        }
    }
}
