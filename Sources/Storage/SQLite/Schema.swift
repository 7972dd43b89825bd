import GRDB

/// The tables of the state file.
///
/// Times are milliseconds since 1970, documents are JSON text.
enum Schema {
    /// Written into the file's header (`PRAGMA application_id`): "alst".
    static let applicationID = 0x616C_7374

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1: deliveries, queue, runs, slots, calls, locks, flags") { database in
            try database.execute(sql: deliveries)
            try database.execute(sql: queue)
            try database.execute(sql: runs)
            try database.execute(sql: others)
            try database.execute(sql: "PRAGMA application_id = \(applicationID)")
        }
        migrator.registerMigration("2: policies of slots and queue, budgets") { try $0.execute(sql: policies) }
        migrator.registerMigration("3: receipts") { try $0.execute(sql: receipts) }
        migrator.registerMigration("4: since when flags are set") { try $0.execute(sql: flagTimes) }
        migrator.registerMigration("5: compressed bodies") { try $0.execute(sql: bodyForm) }
        migrator.registerMigration("6: who inserts an item counts it") { database in
            try database.execute(sql: "DROP TRIGGER item_arrives")
        }
        migrator.registerMigration("7: only first deliveries by provider id") { try $0.execute(sql: firstDeliveries) }
        // Their place changes what a reader must do, not the tables.
        migrator.registerMigration("8: contexts beside the bodies") { _ in }
        migrator.registerMigration("9: what live runs were given and told") { try $0.execute(sql: givenAndTold) }
        return migrator
    }

    /// Deliveries and what became of them.
    ///
    /// `first_id` is the row's own id unless the provider sent the same delivery before. `decisions` says for each
    /// agent what became of it: `started`, `repeated` or `disabled`.
    private static let deliveries = """
        CREATE TABLE deliveries (
            id TEXT PRIMARY KEY NOT NULL,
            first_id TEXT NOT NULL,
            type TEXT NOT NULL,
            matched_instance TEXT NOT NULL,
            provider_id TEXT,
            received_at INTEGER NOT NULL,
            event TEXT NOT NULL,
            status TEXT NOT NULL,
            decisions TEXT NOT NULL,
            headers TEXT NOT NULL,
            context TEXT,
            body BLOB NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX deliveries_by_provider_id ON deliveries (provider_id, type, matched_instance)
            WHERE provider_id IS NOT NULL;
        CREATE INDEX deliveries_by_time ON deliveries (received_at);
        """

    /// Deliveries in the order in which they came, with their bodies beside them.
    ///
    /// A body that was dropped is a row less. `verdicts` says what each
    /// trigger said; a rejected delivery has neither instance nor provider id, so it cannot stand in the way of a real one.
    /// A delivery's context stands behind its body (``StoredContent``). Before migration 8 it was in `context` when nothing was
    /// started, and otherwise in the triggers of its work items.
    private static let receipts = """
        CREATE TABLE receipts (
            position INTEGER PRIMARY KEY,
            id TEXT UNIQUE NOT NULL,
            first_id TEXT NOT NULL,
            type TEXT NOT NULL,
            matched_instance TEXT NOT NULL,
            provider_id TEXT,
            received_at INTEGER NOT NULL,
            event TEXT NOT NULL,
            status TEXT NOT NULL,
            reason TEXT,
            decisions TEXT NOT NULL,
            verdicts TEXT NOT NULL DEFAULT '[]',
            sources TEXT NOT NULL DEFAULT '[]',
            replay_of TEXT,
            replayed_by TEXT,
            headers TEXT NOT NULL,
            context TEXT,
            body_bytes INTEGER NOT NULL
        );
        INSERT INTO receipts (id, first_id, type, matched_instance, provider_id, received_at, event, status, decisions,
            headers, context, body_bytes)
        SELECT id, first_id, type, matched_instance, provider_id, received_at, event, status, decisions, headers,
            context, length(body) FROM deliveries ORDER BY received_at;
        CREATE TABLE delivery_bodies (
            position INTEGER PRIMARY KEY REFERENCES receipts (position) ON DELETE CASCADE,
            body BLOB NOT NULL
        );
        INSERT INTO delivery_bodies SELECT receipts.position, deliveries.body
        FROM deliveries JOIN receipts ON receipts.id = deliveries.id;
        DROP TABLE deliveries;
        ALTER TABLE receipts RENAME TO deliveries;
        CREATE INDEX deliveries_by_provider_id ON deliveries (provider_id, type, matched_instance)
            WHERE provider_id IS NOT NULL;
        CREATE INDEX deliveries_by_time ON deliveries (received_at);
        CREATE INDEX deliveries_by_first ON deliveries (first_id) WHERE first_id <> id;
        CREATE INDEX deliveries_rejected ON deliveries (position) WHERE status = 'rejected';
        """

    /// Providers' ids come in no order, so each new one costs a page somewhere in their index: the fewer pages, the better.
    ///
    /// Repetitions are never looked for, and what else tells two senders apart is read from the few rows with one id.
    private static let firstDeliveries = """
        DROP INDEX deliveries_by_provider_id;
        CREATE INDEX deliveries_by_provider_id ON deliveries (provider_id)
            WHERE provider_id IS NOT NULL AND id = first_id;
        """

    /// Work items and the depths of their queues.
    ///
    /// The queue's order is `position`, which an item keeps when it is put back. `origin` is the delivery's `first_id`.
    /// Of the triggers that keep the depths `item_arrives` is gone since migration 6: whoever inserts an item counts it.
    private static let queue = """
        CREATE TABLE work_items (
            position INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            agent TEXT NOT NULL,
            trigger TEXT NOT NULL,
            received_at INTEGER NOT NULL,
            state TEXT NOT NULL,
            reason TEXT,
            ended_at INTEGER,
            origin TEXT,
            call_id TEXT
        );
        CREATE INDEX work_items_waiting ON work_items (agent, position) WHERE state = 'waiting';
        CREATE INDEX work_items_by_origin ON work_items (origin, agent) WHERE origin IS NOT NULL;

        CREATE TABLE queue_depths (agent TEXT PRIMARY KEY NOT NULL, depth INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TRIGGER item_arrives AFTER INSERT ON work_items WHEN new.state = 'waiting' BEGIN
            INSERT INTO queue_depths VALUES (new.agent, 1) ON CONFLICT (agent) DO UPDATE SET depth = depth + 1;
        END;
        CREATE TRIGGER item_leaves AFTER UPDATE OF state ON work_items
        WHEN old.state = 'waiting' AND new.state <> 'waiting' BEGIN
            UPDATE queue_depths SET depth = depth - 1 WHERE agent = new.agent;
        END;
        CREATE TRIGGER item_returns AFTER UPDATE OF state ON work_items
        WHEN old.state <> 'waiting' AND new.state = 'waiting' BEGIN
            INSERT INTO queue_depths VALUES (new.agent, 1) ON CONFLICT (agent) DO UPDATE SET depth = depth + 1;
        END;
        """

    private static let runs = """
        CREATE TABLE runs (
            position INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            agent TEXT NOT NULL,
            secret TEXT NOT NULL,
            trigger TEXT NOT NULL,
            state TEXT NOT NULL,
            item_id TEXT,
            call_id TEXT,
            rerun INTEGER NOT NULL,
            config_hash TEXT NOT NULL,
            timeout INTEGER NOT NULL,
            runtime TEXT,
            handle TEXT,
            log_position TEXT,
            queued_at INTEGER NOT NULL,
            started_at INTEGER NOT NULL,
            launched_at INTEGER,
            running_at INTEGER,
            ended_at INTEGER,
            exit_code INTEGER,
            reason TEXT,
            wants_rerun INTEGER NOT NULL DEFAULT 0,
            return_value TEXT,
            usage TEXT,
            summary TEXT
        );
        CREATE INDEX runs_by_agent ON runs (agent, position);
        CREATE INDEX runs_by_item ON runs (item_id) WHERE item_id IS NOT NULL;
        CREATE INDEX runs_open ON runs (position) WHERE state IN ('starting', 'running');

        CREATE TABLE run_transitions (
            run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
            old_state TEXT,
            new_state TEXT NOT NULL,
            at INTEGER NOT NULL
        );
        CREATE INDEX run_transitions_by_run ON run_transitions (run_id);
        """

    private static let others = """
        CREATE TABLE slots (
            agent TEXT NOT NULL,
            due_at INTEGER NOT NULL,
            ending TEXT NOT NULL,
            reason TEXT,
            run_id TEXT,
            PRIMARY KEY (agent, due_at)
        ) WITHOUT ROWID;

        CREATE TABLE calls (
            id TEXT PRIMARY KEY NOT NULL,
            caller TEXT NOT NULL,
            target TEXT NOT NULL,
            state TEXT NOT NULL,
            return_value TEXT,
            error_message TEXT,
            created_at INTEGER NOT NULL,
            ended_at INTEGER
        ) WITHOUT ROWID;
        CREATE INDEX calls_open ON calls (caller) WHERE state IN ('pending', 'running');

        CREATE TABLE locks (
            key TEXT PRIMARY KEY NOT NULL,
            holder TEXT NOT NULL,
            held_since INTEGER NOT NULL,
            expires_at INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX locks_by_holder ON locks (holder);

        CREATE TABLE flags (
            name TEXT NOT NULL,
            agent TEXT NOT NULL DEFAULT '',
            PRIMARY KEY (name, agent)
        ) WITHOUT ROWID;
        """
}
