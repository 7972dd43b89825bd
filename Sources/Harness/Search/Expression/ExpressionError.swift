/// Why a text is no expression.
struct ExpressionError: Error, Hashable {
    /// Of the character that is wrong, from 1.
    let position: Int
    let reason: String
}
