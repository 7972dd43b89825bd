/// The version inside a Gemini model's id: `gemini-2.5-pro`, `gemini-3-flash-preview`.
struct GoogleVersion: Hashable, Comparable, Sendable {
    let major: Int
    let minor: Int

    init(_ major: Int, _ minor: Int = 0) {
        self.major = major
        self.minor = minor
    }

    init(_ id: String) {
        let numbers = id.split(separator: "-").dropFirst().first?.split(separator: ".").compactMap { Int($0) } ?? []
        self.init(numbers.first ?? 0, numbers.dropFirst().first ?? 0)
    }

    static func < (left: GoogleVersion, right: GoogleVersion) -> Bool {
        (left.major, left.minor) < (right.major, right.minor)
    }
}
