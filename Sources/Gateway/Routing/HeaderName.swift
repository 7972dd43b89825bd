import Hummingbird

/// The name of a header.
typealias HeaderName = HTTPFields.Element.Name
