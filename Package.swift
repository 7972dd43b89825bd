// swift-tools-version: 6.2

import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

/// What others made: what for, from where, since which version, and which of its products are used.
let packages: [(url: String, version: Version, products: [String])] = [
    // HTTP client: model providers, the Docker Engine API over its unix socket, in-run commands.
    ("https://github.com/swift-server/async-http-client", "1.37.0", ["AsyncHTTPClient"]),
    // SQLite: the durable queue, runs and their transitions.
    ("https://github.com/groue/GRDB.swift", "7.10.0", ["GRDB", "GRDBSQLite"]),
    // HTTP server: the gateway.
    (
        "https://github.com/hummingbird-project/hummingbird", "2.28.1",
        ["Hummingbird", "HummingbirdCore", "HummingbirdTLS", "HummingbirdTesting"]
    ),
    // Command line.
    ("https://github.com/apple/swift-argument-parser", "1.8.2", ["ArgumentParser"]),
    // Ordered dictionaries: JSON objects keep the order of their keys.
    ("https://github.com/apple/swift-collections", "1.6.0", ["HeapModule", "OrderedCollections"]),
    // HMAC and SHA-256: webhook signatures, keys, image tags.
    ("https://github.com/apple/swift-crypto", "4.5.2", ["Crypto"]),
    // The written form of certificates.
    ("https://github.com/apple/swift-asn1", "1.7.4", ["SwiftASN1"]),
    // Certificates of the authority under which brokered connections are opened.
    ("https://github.com/apple/swift-certificates", "1.21.1", ["X509"]),
    // Logging API.
    ("https://github.com/apple/swift-log", "1.16.2", ["Logging"]),
    // HTML templates of the dashboard.
    ("https://github.com/hummingbird-project/swift-mustache", "2.1.1", ["Mustache"]),
    // Event loops and byte buffers under the HTTP packages.
    ("https://github.com/apple/swift-nio", "2.101.2", ["NIOCore", "NIOHTTP1", "NIOPosix", "NIOWebSocket"]),
    // TLS: tunnels of sealed runs that are opened to put in a secret, engines of other machines.
    ("https://github.com/apple/swift-nio-ssl", "2.37.6", ["NIOSSL"]),
    // One life cycle for the scheduler's services: start order, signals, graceful shutdown.
    ("https://github.com/swift-server/swift-service-lifecycle", "2.13.0", ["ServiceLifecycle", "UnixSignals"]),
    // File paths, as swift-subprocess takes them.
    ("https://github.com/apple/swift-system", "1.8.1", ["SystemPackage"]),
    // Child processes: the shell tool, host runs, hooks.
    ("https://github.com/swiftlang/swift-subprocess", "1.0.2", ["Subprocess"]),
    // TOML: project, environment and agent configuration.
    ("https://github.com/LebJe/TOMLKit", "0.6.0", ["TOMLKit"]),
    // YAML: scripts of the scripted model, front matter.
    ("https://github.com/jpsim/Yams", "6.2.2", ["Yams"]),
]

/// Products of others, and targets of this package, by the names under which they are imported.
func dependencies(_ names: [String]) -> [Target.Dependency] {
    names.map { name in
        guard let url = packages.first(where: { $0.products.contains(name) })?.url else { return .byName(name: name) }
        return .product(name: name, package: String(url.split(separator: "/").last ?? ""))
    }
}

/// A target and its tests.
///
/// - Parameters:
///   - name: of the target.
///   - rooms: the targets below it that it imports; its tests import them too.
///   - products: what it uses that others made.
///   - testProducts: what its tests use that others made, or targets that only they import.
///   - fixtures: whether there are files beside the tests' code.
///   - resources: files that become part of the executable: a bundle would have to travel along with it.
///   - linkerSettings: make it the executable.
/// - Returns: both.
func room(
    _ name: String,
    on rooms: [String] = [],
    uses products: [String],
    tests testProducts: [String] = [],
    fixtures: Bool = false,
    resources: [Resource] = [],
    linkerSettings: [LinkerSetting]? = nil
) -> [Target] {
    let all = dependencies(rooms + products)
    let target: Target =
        if let linkerSettings {
            .executableTarget(name: name, dependencies: all, swiftSettings: settings, linkerSettings: linkerSettings)
        } else {
            .target(name: name, dependencies: all, resources: resources, swiftSettings: settings)
        }
    let tests = Target.testTarget(
        name: "\(name)Tests",
        dependencies: dependencies([name, "TestSupport"] + rooms + testProducts),
        exclude: fixtures ? ["Fixtures"] : [],
        swiftSettings: settings
    )
    return [target, tests]
}

/// The rooms of docs/architecture.md with their arrows, which only point down.
let rooms = [
    room(
        "AgentCommands",
        on: ["Domain"],
        uses: ["AsyncHTTPClient", "NIOCore", "NIOHTTP1"]
    ),
    room(
        "AgentRun",
        on: ["AgentCommands", "Credentials", "Domain", "Egress", "Harness", "LanguageModels", "Serving"],
        uses: ["AsyncHTTPClient", "Crypto", "NIOCore", "NIOHTTP1", "OrderedCollections", "Subprocess", "Yams"]
    ),
    room(
        "al",
        on: [
            "AgentCommands", "AgentRun", "CloudClients", "Credentials", "Domain", "Egress", "Gateway", "Harness",
            "LanguageModels",
            "Project", "Runtimes", "Scheduler", "Storage", "Terminal", "Webhooks",
        ],
        uses: [
            "ArgumentParser", "AsyncHTTPClient", "CLinux", "Crypto", "Logging", "NIOCore", "NIOHTTP1", "NIOPosix",
            "OrderedCollections", "ServiceLifecycle", "Subprocess", "UnixSignals",
        ],
        tests: ["ArgumentParser", "Hummingbird", "NIOCore", "OrderedCollections", "Subprocess", "SystemPackage"],
        fixtures: true,
        // The toolchain's own linker: Scripts/build asks it for what the system's cannot do.
        linkerSettings: [.unsafeFlags(["-use-ld=lld"], .when(platforms: [.linux], configuration: .release))]
    ),
    room(
        "CloudClients",
        on: ["Domain"],
        uses: ["Crypto", "Subprocess", "SystemPackage"],
        tests: ["Hummingbird", "NIOCore"]
    ),
    room(
        "Credentials",
        on: ["Domain"],
        uses: ["Crypto", "OrderedCollections"]
    ),
    room(
        "Domain",
        uses: ["OrderedCollections"],
        tests: ["OrderedCollections"],
        fixtures: true
    ),
    room(
        "Egress",
        on: ["Domain", "Serving"],
        uses: ["Crypto", "NIOCore", "NIOHTTP1", "NIOPosix", "NIOSSL", "ServiceLifecycle", "SwiftASN1", "X509"],
        tests: ["AsyncHTTPClient", "Crypto", "NIOCore", "NIOHTTP1", "NIOPosix", "NIOSSL", "SwiftASN1", "X509"]
    ),
    room(
        "Gateway",
        on: ["Domain", "Scheduler", "Serving", "Storage", "Webhooks"],
        uses: ["Crypto", "Hummingbird", "Logging", "Mustache", "NIOCore", "OrderedCollections", "ServiceLifecycle"],
        tests: [
            "AgentRun", "AsyncHTTPClient", "Hummingbird", "HummingbirdTesting", "Logging", "NIOCore", "NIOPosix",
            "OrderedCollections", "ServiceLifecycle",
        ],
        fixtures: true,
        resources: [.embedInCode("Dashboard/Site")]
    ),
    room(
        "Harness",
        on: ["Domain", "LanguageModels"],
        uses: ["AsyncHTTPClient", "Crypto", "NIOCore", "NIOHTTP1", "OrderedCollections", "Subprocess"],
        tests: ["AsyncHTTPClient", "NIOCore"],
        fixtures: true
    ),
    room(
        "LanguageModels",
        on: ["Domain"],
        uses: ["AsyncHTTPClient", "NIOCore", "NIOHTTP1", "NIOSSL", "OrderedCollections", "Yams"],
        tests: ["Hummingbird", "NIOCore", "OrderedCollections"],
        fixtures: true,
        resources: [.embedInCode("Prices/models.json")]
    ),
    room(
        "Project",
        on: ["Domain", "Webhooks"],
        uses: ["Crypto", "OrderedCollections", "TOMLKit", "Yams"],
        tests: ["Credentials", "OrderedCollections"],
        fixtures: true
    ),
    room(
        "Runtimes",
        on: ["CloudClients", "Domain"],
        uses: [
            "AsyncHTTPClient", "CLinux", "Crypto", "NIOCore", "NIOHTTP1", "NIOSSL", "OrderedCollections", "Subprocess",
        ],
        tests: [
            "AsyncHTTPClient", "Crypto", "Hummingbird", "HummingbirdCore", "HummingbirdTLS", "NIOCore", "NIOSSL",
            "Serving",
        ]
    ),
    room(
        "Scheduler",
        on: ["Credentials", "Domain", "Egress", "Runtimes", "Storage", "Webhooks"],
        uses: ["HeapModule", "Logging", "OrderedCollections", "ServiceLifecycle"],
        tests: ["Logging", "OrderedCollections"]
    ),
    room(
        "Serving",
        uses: ["HummingbirdCore", "Logging", "NIOCore", "NIOHTTP1", "NIOPosix", "NIOWebSocket", "ServiceLifecycle"],
        tests: ["Hummingbird", "Logging", "NIOCore", "NIOPosix", "NIOWebSocket"]
    ),
    room(
        "Storage",
        on: ["Domain"],
        uses: ["CSQLite", "CZstd", "GRDB", "GRDBSQLite", "OrderedCollections"],
        tests: ["GRDB"],
        fixtures: true
    ),
    room(
        "Terminal",
        on: ["Domain"],
        uses: ["OrderedCollections"],
        fixtures: true
    ),
    room(
        "Webhooks",
        on: ["Domain"],
        uses: ["Crypto", "OrderedCollections"],
        tests: ["Crypto", "OrderedCollections"],
        fixtures: true
    ),
]

let package = Package(
    name: "al",
    platforms: [.macOS(.v15)],
    dependencies: packages.map { .package(url: $0.url, from: $0.version) },
    targets: rooms.flatMap { $0 } + [
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CSQLite"),
        .systemLibrary(name: "CZstd", providers: [.apt(["libzstd-dev"])]),
        .target(
            name: "TestSupport",
            dependencies: dependencies([
                "Domain", "LanguageModels", "Runtimes", "Scheduler", "Serving", "Storage", "Hummingbird",
                "HummingbirdCore", "NIOCore",
                "NIOPosix", "OrderedCollections", "Subprocess",
            ]),
            path: "Tests/TestSupport",
            swiftSettings: settings
        ),
    ],
    swiftLanguageModes: [.v6]
)

// Benchmarks are built only when asked for: `AL_BENCHMARKS=1 swift package benchmark`.
if Context.environment["AL_BENCHMARKS"] != nil {
    package.dependencies.append(.package(url: "https://github.com/ordo-one/benchmark", from: "1.38.0", traits: []))
    package.targets.append(
        .executableTarget(
            name: "AlBenchmarks",
            dependencies: dependencies([
                "Credentials", "Domain", "Harness", "LanguageModels", "Storage", "TestSupport", "Webhooks",
                "AsyncHTTPClient",
            ]) + [.product(name: "Benchmark", package: "benchmark")],
            path: "Benchmarks/AlBenchmarks",
            swiftSettings: settings,
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]
        )
    )
}
