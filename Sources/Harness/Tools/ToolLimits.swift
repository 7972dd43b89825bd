/// How much text one tool result may hold.
enum ToolLimits {
    static let lines = 2000
    static let bytes = 51200
    static let headLines = 400
    static let headBytes = 10 * 1024
    static let tailLines = 1600
    static let tailBytes = 40 * 1024
    /// Of the file that keeps a command's full output.
    static let outputFileBytes = 32 * 1024 * 1024

    /// `123B`, `12.3KB`, `4.5MB`.
    static func sizeText(_ bytes: Int) -> String {
        if bytes < 1024 { return "\(bytes)B" }
        let (value, unit) = bytes < 1024 * 1024 ? (Double(bytes) / 1024, "KB") : (Double(bytes) / 1_048_576, "MB")
        let tenths = Int((value * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)\(unit)" : "\(tenths / 10).\(tenths % 10)\(unit)"
    }
}
