/// A regular expression as a tree, without groups: for a search it only matters whether something fits.
indirect enum Expression: Hashable {
    case scalars(ScalarSet)
    case assertion(Assertion)
    case sequence([Expression])
    case alternatives([Expression])
    /// `most` is `nil` for no limit.
    case repeated(Expression, least: Int, most: Int?)

    /// What holds between two characters.
    enum Assertion: Hashable {
        case start, end, wordBorder, noWordBorder
    }
}
