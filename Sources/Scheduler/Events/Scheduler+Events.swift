extension Scheduler: LifecycleSource {
    package func lifecycleEvents() -> AsyncStream<LifecycleEvent> { events.subscribe() }
}
