package import Domain
package import FoundationEssentials
package import Logging
package import Runtimes
package import Storage

/// Everything a scheduler is given by whoever composes it.
///
/// Nothing of this changes while the scheduler lives. ``agents`` is what was read at start; what is in force later is the
/// scheduler's own.
package struct SchedulerSetup: Sendable {
    /// Stages for an agent's run; the last parameter makes what stands in for a secret.
    package typealias StageCredentials =
        @Sendable (AgentConfig, RunID, @escaping @Sendable (CredentialReference) -> String) async throws -> String?

    package var store: any Store
    package var runtime: any Runtime
    package var agents: [AgentConfig]
    package var config: ProjectConfig
    package var project: ProjectDirectory
    /// Measures waits and deadlines.
    package var clock: any Clock<Duration>
    /// The wall clock, for slots and for times that are stored.
    package var now: @Sendable () -> Date
    /// 32 random bits for a run id.
    package var makeRunBits: @Sendable () -> UInt32
    /// A random UUID in lower case.
    package var makeUUID: @Sendable () -> String
    /// An identifier for a row of the store, best one that sorts by time.
    package var makeRecordID: @Sendable () -> String
    /// Lines of `scheduler-<date>.log`.
    package var logger: Logger
    /// The agents' log files and the transcripts.
    package var logSink: any LogSink
    /// Writes a run's credentials where the runtime can hand them over, what stands in for the secret of a brokered one;
    /// returns the staging directory, `nil` = none needed.
    package var stageCredentials: StageCredentials
    /// Deletes the staged credentials of all runs except these.
    package var sweepStaging: @Sendable (Set<RunID>) -> Void
    /// Deletes the staged credentials of one run; fine when there are none.
    package var unstageCredentials: @Sendable (RunID) -> Void
    /// The model keys of an agent, `{"<type>":{"default":{"token":…}}}`; `nil` = the model needs none.
    package var modelKeys: @Sendable (AgentConfig) async throws -> JSONValue?
    /// Whether runs of an agent execute a script in the model's place.
    package var isInScriptMode: @Sendable (AgentConfig) -> Bool
    /// Value of `AL_CALLABLE_AGENTS` for a run of an agent, among all agents; `nil` = unset.
    package var callableDescriptions: @Sendable (AgentConfig, [AgentConfig]) -> String?
    /// The way out of agents with a `[network] allow`; `nil` = the runtime cannot shut them in.
    package var egress: EgressControl?
    /// How well runs of an agent are shut in, `A` to `D`; `nil` = not known.
    package var isolation: @Sendable (AgentConfig) -> String?
    /// Where agents come from while the scheduler runs; `nil` = no hot reload.
    package var agentSource: AgentSource?
    /// Zone of schedules where neither agent nor project names one.
    package var defaultZone: TimeZone
    /// The trigger part of the prompt.
    package var prompt: @Sendable (Trigger) -> String
    /// Hash of the configuration that a run of this agent uses.
    package var configHash: @Sendable (AgentConfig) -> String
    /// The next due time of a schedule strictly after a date.
    package var nextFire: @Sendable (CronSchedule, Date, TimeZone) -> Date?
    /// Takes secrets out of a text that a run sends to be stored or shown.
    package var redact: @Sendable (String) -> String
    /// Deletes transcripts that were written last before a date, except those of these runs.
    package var deleteTranscripts: @Sendable (Date, Set<InstanceID>) -> Void
    /// Told for how many runs a stop waits, when it begins and when the number changes.
    package var noteDraining: @Sendable (Int) -> Void
    /// Whether graceful shutdown of the surrounding service group waits for the runs instead of handing them over.
    package var drainsOnShutdown: Bool
    /// Whether runs that another runtime may still have at work are counted as lost instead of keeping the scheduler from starting.
    package var abandonsRuns: Bool

    /// Collects the parts; what is optional does nothing by default.
    package init(
        store: any Store,
        runtime: any Runtime,
        agents: [AgentConfig],
        config: ProjectConfig,
        project: ProjectDirectory,
        clock: any Clock<Duration>,
        now: @escaping @Sendable () -> Date,
        makeRunBits: @escaping @Sendable () -> UInt32,
        makeUUID: @escaping @Sendable () -> String,
        makeRecordID: (@Sendable () -> String)? = nil,
        logger: Logger,
        logSink: any LogSink,
        stageCredentials: @escaping StageCredentials = { _, _, _ in nil },
        sweepStaging: @escaping @Sendable (Set<RunID>) -> Void = { _ in },
        unstageCredentials: @escaping @Sendable (RunID) -> Void = { _ in },
        modelKeys: @escaping @Sendable (AgentConfig) async throws -> JSONValue? = { _ in nil },
        isInScriptMode: @escaping @Sendable (AgentConfig) -> Bool = { _ in false },
        callableDescriptions: @escaping @Sendable (AgentConfig, [AgentConfig]) -> String? = { _, _ in nil },
        egress: EgressControl? = nil,
        isolation: @escaping @Sendable (AgentConfig) -> String? = { _ in nil },
        agentSource: AgentSource? = nil,
        defaultZone: TimeZone,
        prompt: @escaping @Sendable (Trigger) -> String,
        configHash: @escaping @Sendable (AgentConfig) -> String,
        nextFire: @escaping @Sendable (CronSchedule, Date, TimeZone) -> Date? = { $0.nextFire(after: $1, in: $2) },
        redact: @escaping @Sendable (String) -> String = { $0 },
        deleteTranscripts: @escaping @Sendable (Date, Set<InstanceID>) -> Void = { _, _ in },
        noteDraining: @escaping @Sendable (Int) -> Void = { _ in },
        drainsOnShutdown: Bool = false,
        abandonsRuns: Bool = false
    ) {
        self.store = store
        self.runtime = runtime
        self.agents = agents.sorted { $0.name < $1.name }
        self.config = config
        self.project = project
        self.clock = clock
        self.now = now
        self.makeRunBits = makeRunBits
        self.makeUUID = makeUUID
        self.makeRecordID = makeRecordID ?? makeUUID
        self.logger = logger
        self.logSink = logSink
        self.stageCredentials = stageCredentials
        self.sweepStaging = sweepStaging
        self.unstageCredentials = unstageCredentials
        self.modelKeys = modelKeys
        self.isInScriptMode = isInScriptMode
        self.callableDescriptions = callableDescriptions
        self.egress = egress
        self.isolation = isolation
        self.agentSource = agentSource
        self.defaultZone = defaultZone
        self.prompt = prompt
        self.configHash = configHash
        self.nextFire = nextFire
        self.redact = redact
        self.deleteTranscripts = deleteTranscripts
        self.noteDraining = noteDraining
        self.drainsOnShutdown = drainsOnShutdown
        self.abandonsRuns = abandonsRuns
    }
}
