package import Subprocess

extension Arguments {
    /// Has `sh` run a command in a directory; it changes the directory and nothing else: the command passes through it unseen.
    package init(running command: [String], in directory: String) {
        self.init(["-c", #"cd -- "$0" && exec "$@""#, directory] + command)
    }
}

extension Subprocess.Environment {
    /// These variables and no inherited ones.
    package static func only(_ variables: [String: String]) -> Self {
        let pairs = variables.compactMap { name, value in Key(rawValue: name).map { ($0, value) } }
        return .custom(Dictionary(pairs, uniquingKeysWith: { $1 }))
    }
}

extension PlatformOptions {
    /// Puts a child at the head of a session, so that what it starts ends with it.
    package static func session(endingBy steps: [TeardownStep]) -> Self {
        var options = Self()
        options.createSession = true
        options.teardownSequence = steps
        return options
    }
}
