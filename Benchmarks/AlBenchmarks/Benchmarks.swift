import Benchmark

/// Every benchmark of the package; one group for each figure that the product promises.
let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = .init(
        metrics: [.wallClock, .cpuTotal, .throughput, .peakMemoryResident],
        maxDuration: .seconds(3)
    )
    deliveryBenchmarks()
    textBenchmarks()
    scheduleBenchmarks()
    turnBenchmarks()
}
