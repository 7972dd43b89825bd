/// How a piece of text stands out.
package enum Tone: Hashable, Sendable {
    case plain, bold, dim, red, green, yellow, cyan, inverse
}
