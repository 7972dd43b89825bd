import Domain

/// What an engine speaks.
struct EngineDialect: Hashable, Sendable {
    /// `1.41`, the prefix of every path.
    var apiVersion: String
    var isPodman: Bool
    /// Docker Desktop: the engine is in a virtual machine, whatever its socket looks like.
    var isDesktop = false
    /// Podman without root, whose containers have a network that does not lead here.
    var isRootless = false
}

/// A version of the Docker Engine API.
struct EngineVersion: Hashable, Comparable, Sendable, CustomStringConvertible {
    var major: Int
    var minor: Int

    /// The newest one whose meaning we know.
    static let cap = EngineVersion(major: 1, minor: 47)
    /// The oldest one that has all we need.
    static let floor = EngineVersion(major: 1, minor: 41)

    static func < (left: EngineVersion, right: EngineVersion) -> Bool {
        (left.major, left.minor) < (right.major, right.minor)
    }

    var description: String { "\(major).\(minor)" }

    init(major: Int, minor: Int) {
        self.major = major
        self.minor = minor
    }

    /// Reads `1.41`.
    init?(_ text: String) {
        let parts = text.split(separator: ".").map { Int($0) }
        guard parts.count == 2, let major = parts[0], let minor = parts[1] else { return nil }
        self.init(major: major, minor: minor)
    }

    /// Chooses the version to speak.
    ///
    /// - Parameters:
    ///   - offered: header `Api-Version` of the engine; absent counts as our floor.
    ///   - minimum: `MinAPIVersion` of the engine, when known.
    /// - Returns: the version of every request.
    /// - Throws: ``RuntimeError`` (`unavailable`) naming both sides when there is none in common.
    static func negotiate(offered: String?, minimum: String?) throws -> EngineVersion {
        let offered = offered.flatMap { EngineVersion($0) } ?? floor
        let chosen = min(offered, cap)
        guard chosen >= floor else {
            throw RuntimeError(
                code: .unavailable,
                message:
                    "The container engine speaks API \(offered) at most; \(floor) or newer is needed. Update the engine."
            )
        }
        if let minimum = minimum.flatMap({ EngineVersion($0) }), minimum > chosen {
            throw RuntimeError(
                code: .unavailable,
                message: "The container engine wants API \(minimum) or newer; this al speaks \(cap) at most. Update al."
            )
        }
        return chosen
    }
}
