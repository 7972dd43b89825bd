/// Declared here and not included: GRDB has SQLite's header as a module of its own.
extern int sqlite3_config(int option, ...);

/// Lets SQLite count no memory, which takes a lock at each allocation (sqlite.org/c3ref/c_config_covering_index_scan.html,
/// SQLITE_CONFIG_MEMSTATUS); must come before anything else is asked of SQLite, and does nothing later.
static inline void leave_memory_uncounted(void) { sqlite3_config(9, 0); }
