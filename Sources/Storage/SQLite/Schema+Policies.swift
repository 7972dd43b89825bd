extension Schema {
    /// Slots that stand for several, due times and keys of work items, costs.
    static let policies = slotColumns + queueColumns + runColumns

    /// `due_at` of a row that sums up `count` slots is the last of them.
    private static let slotColumns = """
        ALTER TABLE slots ADD COLUMN catch_up INTEGER;
        ALTER TABLE slots ADD COLUMN first_due_at INTEGER;
        ALTER TABLE slots ADD COLUMN count INTEGER NOT NULL DEFAULT 1;
        CREATE INDEX slots_by_time ON slots (due_at);
        CREATE INDEX slots_by_run ON slots (run_id) WHERE run_id IS NOT NULL;

        CREATE TABLE schedules (
            agent TEXT PRIMARY KEY NOT NULL,
            text TEXT NOT NULL,
            since INTEGER NOT NULL
        ) WITHOUT ROWID;
        """

    /// `merge_group`: a newer item supersedes waiting ones of its agent and group; `group_since` is when the first of
    /// those came.
    ///
    /// The index covers what a claim looks at, so that items which may not be claimed yet are passed over without reading
    /// their contexts.
    private static let queueColumns = """
        ALTER TABLE work_items ADD COLUMN kind TEXT NOT NULL DEFAULT '';
        ALTER TABLE work_items ADD COLUMN due_at INTEGER;
        ALTER TABLE work_items ADD COLUMN key TEXT;
        ALTER TABLE work_items ADD COLUMN merge_group TEXT;
        ALTER TABLE work_items ADD COLUMN group_since INTEGER;
        UPDATE work_items SET kind = json_extract(trigger, '$.type');
        DROP INDEX work_items_waiting;
        CREATE INDEX work_items_waiting ON work_items (agent, position, kind, due_at, key, received_at, id)
            WHERE state = 'waiting';
        CREATE INDEX work_items_waiting_manual ON work_items (agent, position, kind, due_at, key, received_at, id)
            WHERE state = 'waiting' AND kind = 'manual';
        CREATE INDEX work_items_by_group ON work_items (agent, merge_group)
            WHERE state = 'waiting' AND merge_group IS NOT NULL;
        CREATE INDEX work_items_by_due ON work_items (due_at) WHERE state = 'waiting' AND due_at IS NOT NULL;
        CREATE INDEX work_items_dropped ON work_items (ended_at) WHERE state = 'dropped';
        """

    /// For what was paused before, the change itself is the earliest time that is known.
    static let flagTimes = """
        ALTER TABLE flags ADD COLUMN since INTEGER;
        UPDATE flags SET since = unixepoch() * 1000;
        """

    /// How a body is stored (``StoredContent/Form``); those from before are as they came.
    static let bodyForm = "ALTER TABLE delivery_bodies ADD COLUMN form INTEGER NOT NULL DEFAULT 0"

    /// Whether a run has had the keys of its models, why it was ordered to end, and the `[network]` it was launched with.
    ///
    /// A run that lives already has fetched them as it started, of which earlier versions kept no note.
    static let givenAndTold = """
        ALTER TABLE runs ADD COLUMN model_keys_fetched INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE runs ADD COLUMN stop_kind TEXT;
        ALTER TABLE runs ADD COLUMN stop_reason TEXT;
        ALTER TABLE runs ADD COLUMN network TEXT;
        UPDATE runs SET model_keys_fetched = 1 WHERE state = 'running';
        """

    /// `spending` sums what all runs of an agent spent, a row for each quarter of an hour since 1970.
    private static let runColumns = """
        ALTER TABLE runs ADD COLUMN allowance REAL;
        ALTER TABLE runs ADD COLUMN isolation TEXT;
        ALTER TABLE runs ADD COLUMN models TEXT;
        ALTER TABLE runs ADD COLUMN cost REAL NOT NULL DEFAULT 0;
        ALTER TABLE runs ADD COLUMN return_value_cut INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE runs ADD COLUMN error TEXT;
        CREATE INDEX runs_by_time ON runs (started_at);

        CREATE TABLE spending (
            quarter INTEGER NOT NULL,
            agent TEXT NOT NULL,
            cost REAL NOT NULL,
            PRIMARY KEY (quarter, agent)
        ) WITHOUT ROWID;

        ALTER TABLE calls ADD COLUMN callee TEXT;
        ALTER TABLE calls ADD COLUMN depth INTEGER NOT NULL DEFAULT 1;
        ALTER TABLE calls ADD COLUMN return_value_cut INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX calls_by_caller ON calls (caller);
        CREATE INDEX calls_by_time ON calls (created_at);
        """
}
