import Foundation

/// What the machine that runs the tests offers.
enum TestEnvironment {
    static let dockerHost = ProcessInfo.processInfo.environment["AL_TEST_DOCKER_HOST"]
    static let hasBubblewrap = FileManager.default.isExecutableFile(atPath: "/usr/bin/bwrap")
}
