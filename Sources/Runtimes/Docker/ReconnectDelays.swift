/// 1, 2, 5, 10 and then 30 seconds.
struct ReconnectDelays: Sendable {
    private var step = 0

    mutating func next() -> Duration {
        defer { step += 1 }
        return .seconds([1, 2, 5, 10][safe: step] ?? 30)
    }
}

extension Array {
    fileprivate subscript(safe index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
