//! The tables, as numbered migrations, and how they come into a database.
//!
//! A migration is never changed once it was released; a new one is appended. Every step can be repeated, and so can a
//! migration of which a part was done when the server was killed.

use std::thread;
use std::time::Duration;

pub(crate) mod step;

use self::step::{Step, Table, advance, batches, column, create, index, table, table_exists};
use super::row::one_int;
use super::{Sql, Transaction, audit, clock, now, transaction};
use crate::error::{Error, ErrorKind, Result};

/// The migration at index n leads to version n + 1.
const MIGRATIONS: &[&[Step]] = &[
    FIRST_TABLES,
    CONFIGURATION,
    OWN_FEED,
    EXCHANGE,
    DISPUTES,
    ENTRY_RULES,
    LISTENING,
    WITHHELD,
    LISTS,
    RETENTION,
    REMOVALS,
    BASES,
    RESTORES,
    CONSENTS,
    SWITCHED_ON,
    UNHEARD,
    STORIES,
    UNKNOWN_KINDS,
    BACKFILLS,
    LOST_PATHS,
    COPIES,
    REPLACED,
    OF_CHILDREN,
    UNLISTED,
    REPORTS_OF_CHILDREN,
    SMALLER_AUDIT,
    NAMESAKES,
    VERIFICATION,
    UNINDEXED,
    DIGESTS,
    NUMBERED_REQUESTS,
    LIMITED_BACKFILLS,
];

const FIRST_TABLES: &[Step] = &[
    table(
        "sync2_marker",
        "direction VARCHAR(16) NOT NULL, feed VARCHAR(64) NOT NULL, feed_epoch VARCHAR(64) NOT NULL, page_url {text}, \
         entry_id VARCHAR(255), entry_updated BIGINT, events BIGINT NOT NULL, changed_at BIGINT NOT NULL, \
         PRIMARY KEY (direction, feed)",
        &[],
    ),
    table(
        "sync2_run",
        "id VARCHAR(64) NOT NULL PRIMARY KEY, direction VARCHAR(16) NOT NULL, run_kind VARCHAR(16) NOT NULL, \
         run_state VARCHAR(16) NOT NULL, started_at BIGINT NOT NULL, ended_at BIGINT, events BIGINT NOT NULL, \
         counts {text} NOT NULL, feed_position {text}, remaining BIGINT, error_kind VARCHAR(32), error_message {text}, \
         node_id VARCHAR(64) NOT NULL, fencing_token BIGINT NOT NULL",
        &[
            ("sync2_run_started", "started_at"),
            ("sync2_run_direction", "direction, started_at"),
            ("sync2_run_state", "direction, run_state"),
        ],
    ),
    table(
        "sync2_audit",
        "uuid VARCHAR(64) NOT NULL PRIMARY KEY, run_id VARCHAR(64) NOT NULL, direction VARCHAR(16) NOT NULL, \
         category VARCHAR(64) NOT NULL, object_uuid VARCHAR(64), event_action VARCHAR(16) NOT NULL, \
         feed_epoch VARCHAR(64) NOT NULL, event_id VARCHAR(255) NOT NULL, status VARCHAR(16) NOT NULL, \
         representation VARCHAR(16), client_name VARCHAR(64), url {text}, error_kind VARCHAR(32), error_message {text}, \
         detail {text}, carried_by VARCHAR(64), duration_ms BIGINT NOT NULL, node_id VARCHAR(64) NOT NULL, \
         recorded_at BIGINT NOT NULL, UNIQUE (direction, feed_epoch, event_id)",
        &[
            ("sync2_audit_object", "object_uuid, recorded_at"),
            ("sync2_audit_status", "status, recorded_at"),
            ("sync2_audit_category", "category, recorded_at"),
            ("sync2_audit_run", "run_id, recorded_at"),
            ("sync2_audit_error", "error_kind, recorded_at"),
            ("sync2_audit_time", "recorded_at"),
        ],
    ),
    table(
        "sync2_attempt",
        "audit_uuid VARCHAR(64) NOT NULL, attempt_no INT NOT NULL, run_id VARCHAR(64) NOT NULL, \
         attempted_at BIGINT NOT NULL, outcome VARCHAR(16) NOT NULL, error_kind VARCHAR(32), error_message {text}, \
         PRIMARY KEY (audit_uuid, attempt_no)",
        &[],
    ),
    table(
        "sync2_object_state",
        "category VARCHAR(64) NOT NULL, object_uuid VARCHAR(64) NOT NULL, local_hash VARCHAR(64), \
         remote_hash VARCHAR(64), representation VARCHAR(16) NOT NULL, canonical_version INT NOT NULL, \
         changed_at BIGINT NOT NULL, PRIMARY KEY (category, object_uuid)",
        &[],
    ),
    table(
        "sync2_parked",
        "direction VARCHAR(16) NOT NULL, category VARCHAR(64) NOT NULL, object_uuid VARCHAR(64) NOT NULL, \
         audit_uuid VARCHAR(64) NOT NULL, event_action VARCHAR(16) NOT NULL, representation VARCHAR(16), \
         error_kind VARCHAR(32) NOT NULL, error_message {text} NOT NULL, url {text}, waiting_for_category VARCHAR(64), \
         waiting_for_uuid VARCHAR(64), attempts INT NOT NULL, next_attempt_at BIGINT, parked_at BIGINT NOT NULL, \
         changed_at BIGINT NOT NULL, PRIMARY KEY (direction, category, object_uuid)",
        &[
            ("sync2_parked_due", "direction, next_attempt_at"),
            ("sync2_parked_waiting", "waiting_for_uuid, waiting_for_category"),
            ("sync2_parked_audit", "audit_uuid"),
        ],
    ),
    table(
        "sync2_conflict",
        "uuid VARCHAR(64) NOT NULL PRIMARY KEY, direction VARCHAR(16) NOT NULL, category VARCHAR(64) NOT NULL, \
         object_uuid VARCHAR(64) NOT NULL, audit_uuid VARCHAR(64) NOT NULL, representation VARCHAR(16) NOT NULL, \
         ours_document {blob}, theirs_document {blob}, ours_hash VARCHAR(64), theirs_hash VARCHAR(64), \
         remote_hash VARCHAR(64), detected_at BIGINT NOT NULL, changed_at BIGINT NOT NULL, \
         UNIQUE (direction, category, object_uuid)",
        &[("sync2_conflict_detected", "detected_at")],
    ),
    table(
        "sync2_lease",
        "direction VARCHAR(16) NOT NULL PRIMARY KEY, lease_owner VARCHAR(255) NOT NULL, fencing_token BIGINT NOT NULL, \
         expires_at BIGINT NOT NULL",
        &[],
    ),
    // Both rows are there from the start, so that acquiring is one UPDATE that only one server can win.
    Step::Rows(
        "INSERT INTO sync2_lease (direction, lease_owner, fencing_token, expires_at) \
         SELECT 'pull', '', 0, 0 FROM sync2_schema WHERE version = 0 \
         AND NOT EXISTS (SELECT 1 FROM sync2_lease WHERE direction = 'pull')",
    ),
    Step::Rows(
        "INSERT INTO sync2_lease (direction, lease_owner, fencing_token, expires_at) \
         SELECT 'push', '', 0, 0 FROM sync2_schema WHERE version = 0 \
         AND NOT EXISTS (SELECT 1 FROM sync2_lease WHERE direction = 'push')",
    ),
    table("sync2_node", "slot INT NOT NULL PRIMARY KEY, node_id VARCHAR(64), created_at BIGINT", &[]),
    // Empty until the node mints its id: see `node::id`.
    Step::Rows(
        "INSERT INTO sync2_node (slot) SELECT 1 FROM sync2_schema WHERE version = 0 \
         AND NOT EXISTS (SELECT 1 FROM sync2_node WHERE slot = 1)",
    ),
];

/// `slot` is always 1: one document for one node.
const CONFIGURATION: &[Step] = &[table(
    "sync2_config",
    "slot INT NOT NULL PRIMARY KEY, document {text} NOT NULL, changed_at BIGINT NOT NULL",
    &[],
)];

const OWN_FEED: &[Step] = &[
    // Changes by transactions of the host that are not published yet.
    table(
        "sync2_outbox",
        "uuid VARCHAR(64) NOT NULL PRIMARY KEY, transaction_uuid VARCHAR(64) NOT NULL, category VARCHAR(64) NOT NULL, \
         object_uuid VARCHAR(64) NOT NULL, event_action VARCHAR(16) NOT NULL, patient_uuid VARCHAR(64), \
         location_uuid VARCHAR(64), captured_at BIGINT NOT NULL",
        &[("sync2_outbox_captured", "captured_at, transaction_uuid, uuid")],
    ),
    table(
        "sync2_event",
        "event_no BIGINT NOT NULL PRIMARY KEY, uuid VARCHAR(64) NOT NULL, category VARCHAR(64) NOT NULL, \
         category_no BIGINT NOT NULL, object_uuid VARCHAR(64) NOT NULL, event_action VARCHAR(16) NOT NULL, \
         patient_uuid VARCHAR(64), location_uuid VARCHAR(64), published_at BIGINT NOT NULL, \
         UNIQUE (category, category_no)",
        &[
            ("sync2_event_uuid", "uuid"),
            ("sync2_event_published", "published_at"),
            ("sync2_event_object", "object_uuid"),
        ],
    ),
    table("sync2_counter", "counter_name VARCHAR(64) NOT NULL PRIMARY KEY, counter_value BIGINT NOT NULL", &[]),
    // There from the start: whoever publishes locks it, and so numbers alone.
    Step::Rows(
        "INSERT INTO sync2_counter (counter_name, counter_value) SELECT 'event', 0 FROM sync2_schema WHERE version = 0 \
         AND NOT EXISTS (SELECT 1 FROM sync2_counter WHERE counter_name = 'event')",
    ),
    // Empty until the first event is published.
    table("sync2_feed", "slot INT NOT NULL PRIMARY KEY, feed_epoch VARCHAR(64) NOT NULL, page_size INT NOT NULL", &[]),
];

const EXCHANGE: &[Step] = &[
    // At a parent: what a child sent last of an object, and what became of it here.
    table(
        "sync2_request",
        "child_node VARCHAR(64) NOT NULL, category VARCHAR(64) NOT NULL, object_uuid VARCHAR(64) NOT NULL, \
         sent_hash VARCHAR(64), result_hash VARCHAR(64), answered_at BIGINT NOT NULL, \
         PRIMARY KEY (child_node, category, object_uuid)",
        &[("sync2_request_answered", "answered_at")],
    ),
    // At a child: every version of an object that was sent and is not acknowledged yet. The hash is empty for a removal.
    table(
        "sync2_pending",
        "category VARCHAR(64) NOT NULL, object_uuid VARCHAR(64) NOT NULL, pending_hash VARCHAR(64) NOT NULL, \
         changed_at BIGINT NOT NULL, PRIMARY KEY (category, object_uuid, pending_hash)",
        &[],
    ),
];

/// One conflict for an object, where `sync2_conflict` had one for each direction; that table is emptied and not used any
/// more. `child_node` is empty when the other side is the parent.
const DISPUTES: &[Step] = &[
    table(
        "sync2_dispute",
        "uuid VARCHAR(64) NOT NULL PRIMARY KEY, conflict_kind VARCHAR(16) NOT NULL, direction VARCHAR(16) NOT NULL, \
         category VARCHAR(64) NOT NULL, object_uuid VARCHAR(64) NOT NULL, child_node VARCHAR(64) NOT NULL, \
         audit_uuid VARCHAR(64), representation VARCHAR(16) NOT NULL, ours_document {blob}, theirs_document {blob}, \
         ours_hash VARCHAR(64), theirs_hash VARCHAR(64), remote_hash VARCHAR(64), detail {text}, \
         detected_at BIGINT NOT NULL, changed_at BIGINT NOT NULL, UNIQUE (category, object_uuid, child_node)",
        &[("sync2_dispute_detected", "detected_at")],
    ),
    // A conflict that was found in both directions is the pull's: it was read here under lock.
    Step::Rows(OLD_CONFLICTS_OF_PULL),
    Step::Rows(OLD_CONFLICTS_OF_PUSH),
    Step::Rows("DELETE FROM sync2_conflict"),
];

const ENTRY_RULES: &[Step] = &[
    // Places of records that were not kept although these were saved.
    table(
        "sync2_entry_rule",
        "direction VARCHAR(16) NOT NULL, category VARCHAR(64) NOT NULL, entry_rule VARCHAR(255) NOT NULL, \
         records BIGINT NOT NULL, last_at BIGINT NOT NULL, PRIMARY KEY (direction, category, entry_rule)",
        &[],
    ),
];

/// `local_document` is null where both sides have the same.
const BASES: &[Step] = &[table(
    "sync2_base",
    "category VARCHAR(64) NOT NULL, object_uuid VARCHAR(64) NOT NULL, remote_document {blob} NOT NULL, \
     local_document {blob}, stored_bytes BIGINT NOT NULL, changed_at BIGINT NOT NULL, \
     PRIMARY KEY (category, object_uuid)",
    // The sum is read from the index, without a document.
    &[],
)];

macro_rules! old_conflicts {
    ($direction:literal) => {
        concat!(
            "INSERT INTO sync2_dispute (uuid, conflict_kind, direction, category, object_uuid, child_node, audit_uuid, \
             representation, ours_document, theirs_document, ours_hash, theirs_hash, remote_hash, detected_at, \
             changed_at) \
             SELECT c.uuid, CASE WHEN c.ours_hash IS NULL OR c.theirs_hash IS NULL THEN 'REMOVAL' ELSE 'CONTENT' END, \
             c.direction, c.category, c.object_uuid, '', c.audit_uuid, c.representation, c.ours_document, \
             c.theirs_document, c.ours_hash, c.theirs_hash, c.remote_hash, c.detected_at, c.changed_at \
             FROM sync2_conflict c WHERE c.direction = '",
            $direction,
            "' AND NOT EXISTS (SELECT 1 FROM sync2_dispute d WHERE d.category = c.category \
             AND d.object_uuid = c.object_uuid AND d.child_node = '')"
        )
    };
}

const OLD_CONFLICTS_OF_PULL: &str = old_conflicts!("pull");
const OLD_CONFLICTS_OF_PUSH: &str = old_conflicts!("push");

/// When the host listened to its own changes. `slot` is always 1; times are the host's.
const LISTENING: &[Step] = &[
    table(
        "sync2_listening",
        "slot INT NOT NULL PRIMARY KEY, tells_since BIGINT NOT NULL, heard_until BIGINT NOT NULL, older_objects BIGINT",
        &[],
    ),
    table(
        "sync2_gap",
        "gap_no BIGINT NOT NULL PRIMARY KEY, missed_from BIGINT NOT NULL, missed_until BIGINT NOT NULL, \
         searched_kind VARCHAR(64), passed_key BIGINT NOT NULL, found_changes BIGINT NOT NULL, ended_at BIGINT",
        &[],
    ),
];

const WITHHELD: &[Step] = &[table(
    "sync2_withheld",
    "category VARCHAR(64) NOT NULL, object_uuid VARCHAR(64) NOT NULL, representation VARCHAR(16) NOT NULL, \
     identifiers {text} NOT NULL, holder_uuid VARCHAR(64), holder_hash VARCHAR(64), audit_uuid VARCHAR(64), \
     withheld_at BIGINT NOT NULL, changed_at BIGINT NOT NULL, PRIMARY KEY (category, object_uuid)",
    &[("sync2_withheld_changed", "changed_at")],
)];

/// Lists in an order that an index has. `sync2_message` was to take the place of `sync2_audit`, and did in no release: see
/// [`SMALLER_AUDIT`].
const LISTS: &[Step] = &[
    table(
        "sync2_message",
        "row_no {row_no}, uuid {id} NOT NULL, run_id {id} NOT NULL, direction VARCHAR(16) NOT NULL, \
         category VARCHAR(64) NOT NULL, object_uuid VARCHAR(64), object_key BIGINT, event_action VARCHAR(16) NOT NULL, \
         feed_epoch {id} NOT NULL, event_id {event_id} NOT NULL, event_key {id} NOT NULL, status VARCHAR(16) NOT NULL, \
         representation VARCHAR(16), client_name VARCHAR(64), url {text}, error_kind VARCHAR(32), error_message {text}, \
         detail {text}, carried_by {id}, duration_ms BIGINT NOT NULL, node_id {id} NOT NULL, recorded_at BIGINT NOT NULL, \
         UNIQUE (uuid), UNIQUE (event_key)",
        &[
            ("sync2_message_object", "object_key, row_no"),
            ("sync2_message_status", "status, row_no"),
            ("sync2_message_category", "category, row_no"),
            ("sync2_message_run", "run_id, row_no"),
            ("sync2_message_error", "error_kind, row_no"),
            ("sync2_message_time", "recorded_at, row_no"),
        ],
    ),
    index("sync2_run_newest", "sync2_run", "started_at, id"),
    Step::DropIndex("sync2_run_started", "sync2_run"),
    index("sync2_run_token", "sync2_run", "direction, fencing_token"),
    Step::DropIndex("sync2_run_direction", "sync2_run"),
    index("sync2_parked_newest", "sync2_parked", "parked_at, direction, category, object_uuid"),
    index("sync2_parked_next", "sync2_parked", "direction, next_attempt_at, parked_at, category, object_uuid"),
    Step::DropIndex("sync2_parked_due", "sync2_parked"),
    index("sync2_dispute_newest", "sync2_dispute", "detected_at, uuid"),
    Step::DropIndex("sync2_dispute_detected", "sync2_dispute"),
];

const RETENTION: &[Step] = &[batches("sync2_counter", clock::begin_retention)];

/// The objects that were removed with another one are told as its consequence.
const REMOVALS: &[Step] = &[
    column("sync2_outbox", "hangs_on", "{text}"),
    column("sync2_event", "caused_by_category", "VARCHAR(64)"),
    column("sync2_event", "caused_by_uuid", "VARCHAR(64)"),
];

/// Where the parent was seen, and when it was found to be restored. A state says at which sighting it was recorded.
const RESTORES: &[Step] = &[
    table(
        "sync2_sighting",
        "sighting_no BIGINT NOT NULL PRIMARY KEY, feed_epoch VARCHAR(64) NOT NULL, event_no BIGINT NOT NULL, \
         event_uuid VARCHAR(64) NOT NULL, seen_at BIGINT NOT NULL",
        &[],
    ),
    table(
        "sync2_restore",
        "restore_no BIGINT NOT NULL PRIMARY KEY, noticed_at BIGINT NOT NULL, seen_event_no BIGINT NOT NULL, \
         restored_to BIGINT NOT NULL, sighting_no BIGINT NOT NULL, doubtful_objects BIGINT NOT NULL, ended_at BIGINT, \
         settled_at BIGINT",
        &[],
    ),
    column("sync2_object_state", "sighting_no", "BIGINT"),
    column("sync2_object_state", "restored_to", "BIGINT"),
];

/// The consents of persons here to remove objects at the parent.
const CONSENTS: &[Step] = &[table(
    "sync2_consent",
    "category VARCHAR(64) NOT NULL, object_uuid VARCHAR(64) NOT NULL, taken_category VARCHAR(64) NOT NULL, \
     taken_uuid VARCHAR(64) NOT NULL, representation VARCHAR(16) NOT NULL, seen_hash VARCHAR(64) NOT NULL, \
     PRIMARY KEY (category, object_uuid, taken_category, taken_uuid)",
    &[],
)];

const SWITCHED_ON: &[Step] = &[table(
    "sync2_switched_on",
    "direction VARCHAR(16) NOT NULL, subject VARCHAR(128) NOT NULL, switched_on_at BIGINT NOT NULL, \
     is_late INT NOT NULL, PRIMARY KEY (direction, subject)",
    &[],
)];

/// Objects of whose conflict the parent has yet to hear that it is over.
const UNHEARD: &[Step] = &[table(
    "sync2_unheard",
    "category VARCHAR(64) NOT NULL, object_uuid VARCHAR(64) NOT NULL, PRIMARY KEY (category, object_uuid)",
    &[],
)];

/// The index by which children's sends of one object are found.
const STORIES: &[Step] = &[index("sync2_request_object", "sync2_request", "object_uuid")];

const UNKNOWN_KINDS: &[Step] =
    &[table("sync2_unknown_kind", "kind_name VARCHAR(64) NOT NULL PRIMARY KEY, first_passed_at BIGINT NOT NULL", &[])];

/// How far what the parent has is compared with what is here, each time that somebody asked for it.
const BACKFILLS: &[Step] = &[table(
    "sync2_backfill",
    "backfill_no BIGINT NOT NULL PRIMARY KEY, begun_at BIGINT NOT NULL, phase VARCHAR(16) NOT NULL, \
     reached_category VARCHAR(64), reached_uuid VARCHAR(64), compared_objects BIGINT NOT NULL, \
     differing_objects BIGINT NOT NULL, missing_objects BIGINT NOT NULL, ended_at BIGINT",
    &[],
)];

/// The places of records that were not kept where they were saved; `harmless` is 1 where nothing was lost by that.
const LOST_PATHS: &[Step] = &[table(
    "sync2_lost_path",
    "direction VARCHAR(16) NOT NULL, category VARCHAR(64) NOT NULL, lost_path VARCHAR(255) NOT NULL, \
     harmless INT NOT NULL, records BIGINT NOT NULL, last_at BIGINT NOT NULL, \
     PRIMARY KEY (direction, category, lost_path, harmless)",
    &[],
)];

/// The note that this database was made from a copy of the parent's.
const COPIES: &[Step] = &[table(
    "sync2_copy",
    "slot INT NOT NULL PRIMARY KEY, feed_epoch VARCHAR(64) NOT NULL, event_no BIGINT NOT NULL, \
     event_uuid VARCHAR(64) NOT NULL, made_at BIGINT NOT NULL, common_no BIGINT",
    &[],
)];

/// The hashes of the parent's versions that a push has replaced with what was agreed on, the oldest first, with blanks between.
const REPLACED: &[Step] = &[column("sync2_object_state", "replaced_hashes", "{text}")];

/// The decisions of persons here on conflicts that a child met, for the child to carry out; and what children are called.
const OF_CHILDREN: &[Step] = &[
    column("sync2_dispute", "decision", "{text}"),
    table(
        "sync2_child",
        "child_node VARCHAR(64) NOT NULL PRIMARY KEY, child_name VARCHAR(255) NOT NULL, changed_at BIGINT NOT NULL",
        &[],
    ),
];

/// The categories that a backfill could not see of the parent.
const UNLISTED: &[Step] =
    &[column("sync2_backfill", "not_listed", "INT"), column("sync2_backfill", "unread_before", "BIGINT")];

/// The introductions of children. Before, it was their names alone, which they say again.
const REPORTS_OF_CHILDREN: &[Step] = &[
    Step::DropTable("sync2_child"),
    table(
        "sync2_child",
        "child_node VARCHAR(64) NOT NULL PRIMARY KEY, child_name VARCHAR(255) NOT NULL, account VARCHAR(255) NOT NULL, \
         heard_at BIGINT NOT NULL, introduction {text} NOT NULL",
        &[],
    ),
];

/// An audit that takes less than half the room. A message's number is its place in the order in which they were written.
/// `event_key` stands for direction, epoch and event id, `object_key` for the object's uuid: a few bytes, where an index of
/// the texts would take a hundred.
const SMALLER_AUDIT: &[Step] = &[
    table(
        "sync2_audit_message",
        "row_no {row_no}, uuid {id} NOT NULL, run_id {id} NOT NULL, direction VARCHAR(16) NOT NULL, \
         category VARCHAR(64) NOT NULL, object_uuid {id}, object_key INT, event_action VARCHAR(16) NOT NULL, \
         feed_epoch {id} NOT NULL, event_id {event_id} NOT NULL, event_key {id} NOT NULL, status VARCHAR(16) NOT NULL, \
         representation VARCHAR(16), client_name VARCHAR(64), url {text}, error_kind VARCHAR(32), error_message {text}, \
         detail {text}, carried_by {id}, duration_ms INT NOT NULL, node_id {id} NOT NULL, recorded_at BIGINT NOT NULL, \
         UNIQUE (uuid), UNIQUE (event_key)",
        &[
            ("sync2_audit_message_object", "object_key, row_no"),
            ("sync2_audit_message_status", "status, row_no"),
            ("sync2_audit_message_category", "category, row_no"),
            ("sync2_audit_message_run", "run_id, row_no"),
            ("sync2_audit_message_error", "error_kind, row_no"),
            ("sync2_audit_message_time", "recorded_at, row_no"),
        ],
    ),
    batches("sync2_audit", audit::move_first),
    Step::DropTable("sync2_audit"),
    batches("sync2_message", audit::move_second),
    Step::DropTable("sync2_message"),
];

/// Which metadata is refused because of which other one.
const NAMESAKES: &[Step] =
    &[column("sync2_parked", "namesake_name", "{text}"), column("sync2_parked", "namesake_uuid", "VARCHAR(64)")];

/// The last comparison of both sides: how far it has come in each category, and what it found.
const VERIFICATION: &[Step] = &[
    table("sync2_verification", "slot INT NOT NULL PRIMARY KEY, begun_at BIGINT NOT NULL, ended_at BIGINT", &[]),
    table(
        "sync2_verified",
        "category VARCHAR(64) NOT NULL PRIMARY KEY, here_after VARCHAR(64), there_after VARCHAR(64), \
         compared_objects BIGINT NOT NULL, left_out_objects BIGINT NOT NULL, why VARCHAR(32), ended_at BIGINT",
        &[],
    ),
    table(
        "sync2_difference",
        "category VARCHAR(64) NOT NULL, object_uuid VARCHAR(64) NOT NULL, finding VARCHAR(16) NOT NULL, \
         newer_side VARCHAR(16), why VARCHAR(32), ours_hash VARCHAR(64), theirs_hash VARCHAR(64), \
         found_at BIGINT NOT NULL, repaired_at BIGINT, PRIMARY KEY (category, object_uuid)",
        &[
            ("sync2_difference_newest", "found_at, category, object_uuid"),
            ("sync2_difference_finding", "finding, category, object_uuid"),
        ],
    ),
];

/// The objects that the host's index may not have yet: a few of one transaction a row, one object a line.
const UNINDEXED: &[Step] = &[table(
    "sync2_unindexed",
    "call_id VARCHAR(64) NOT NULL, note_no BIGINT NOT NULL, objects {text} NOT NULL, PRIMARY KEY (call_id, note_no)",
    &[],
)];

/// The hashes of what is here, with the digests of their leaves; and whether a comparison goes by these.
const DIGESTS: &[Step] = &[
    table(
        "sync2_inventory",
        "inventory_no INT NOT NULL PRIMARY KEY, category VARCHAR(64) NOT NULL, representation VARCHAR(16) NOT NULL, \
         form VARCHAR(64) NOT NULL, feed_epoch VARCHAR(64) NOT NULL, event_no BIGINT NOT NULL, listed_until VARCHAR(64), \
         is_whole INT NOT NULL, is_dropped INT NOT NULL, turn_no BIGINT NOT NULL",
        &[],
    ),
    table(
        "sync2_content_hash",
        "inventory_no INT NOT NULL, object_uuid VARCHAR(64) NOT NULL, leaf_no INT NOT NULL, \
         content_hash VARCHAR(64) NOT NULL, PRIMARY KEY (inventory_no, object_uuid)",
        &[("sync2_content_hash_leaf", "inventory_no, leaf_no")],
    ),
    table(
        "sync2_leaf",
        "inventory_no INT NOT NULL, leaf_no INT NOT NULL, objects BIGINT NOT NULL, high_sum BIGINT NOT NULL, \
         low_sum BIGINT NOT NULL, PRIMARY KEY (inventory_no, leaf_no)",
        &[],
    ),
    column("sync2_verification", "is_deep", "INT"),
    column("sync2_verified", "leaves_passed", "INT"),
];

/// The order in which children sent what they brought. The row is there from the start, so that two who come at once count after each
/// other.
const NUMBERED_REQUESTS: &[Step] = &[
    column("sync2_request", "request_no", "BIGINT"),
    Step::Rows(
        "INSERT INTO sync2_counter (counter_name, counter_value) SELECT 'request', 0 FROM sync2_schema WHERE version = 0 \
         AND NOT EXISTS (SELECT 1 FROM sync2_counter WHERE counter_name = 'request')",
    ),
];

/// The categories that a backfill is about, with a blank between two names.
const LIMITED_BACKFILLS: &[Step] = &[column("sync2_backfill", "only_categories", "{text}")];

/// The version that this code works with.
pub const VERSION: i64 = MIGRATIONS.len() as i64;

/// How long a server may take to migrate before another one believes that it was killed.
const LOCK_MS: i64 = 20_000;

/// How long to wait before asking again for the lock, and how often: longer than a killed server can hold it.
const LOCK_PAUSE: Duration = Duration::from_millis(200);
const LOCK_ATTEMPTS: u32 = 600;

/// Holds the versions that were applied, and as version 0 the lock: until when it is held. A row lock would not do,
/// because MySQL and H2 give it back at each DDL statement.
const SCHEMA_TABLE: Table = Table {
    name: "sync2_schema",
    columns: "version INT NOT NULL PRIMARY KEY, applied_at BIGINT NOT NULL",
    indexes: &[],
};

/// Brings the tables to [`VERSION`]. Called when the engine opens, outside a transaction; uses its own. Blocks while
/// another server migrates. Changes nothing, and needs no right to create tables, when they are up to date.
///
/// # Errors
///
/// [`ErrorKind::Host`] when the database user may not create the tables, or when they belong to a newer version.
pub fn migrate(database: &mut dyn Transaction) -> Result<()> {
    migrate_to(database, VERSION)
}

/// Brings the tables to a version that they had at some release.
pub(crate) fn migrate_to(database: &mut dyn Transaction, version: i64) -> Result<()> {
    let installed = transaction::write(database, |sql| installed_version(sql))?;
    if installed > version {
        return Err(too_new(installed));
    }
    if installed < version {
        let missing = MIGRATIONS.get(installed as usize..version as usize).unwrap_or_default();
        apply_all(database, installed, missing).map_err(|error| not_created(&error))?;
    }
    Ok(())
}

fn apply_all(database: &mut dyn Transaction, installed: i64, missing: &[&[Step]]) -> Result<()> {
    again_if_failed(database, create_schema_table)?;
    again_if_failed(database, insert_lock)?;
    lock(database)?;
    let outcome = (installed + 1..).zip(missing).try_for_each(|(version, steps)| apply(database, version, steps));
    let unlocked = transaction::write(database, |sql| set_lock(sql, 0));
    outcome.and(unlocked)
}

/// Of servers that start at the same moment one may fail to create what another just created, also because the lock ends
/// while an index of a large table is built. When it looks again, it is there.
fn again_if_failed<T>(database: &mut dyn Transaction, work: impl Fn(&mut dyn Sql) -> Result<T>) -> Result<T> {
    transaction::write(database, |sql| work(sql)).or_else(|_| transaction::write(database, |sql| work(sql)))
}

/// The version of the tables, 0 when there are none.
fn installed_version(sql: &mut dyn Sql) -> Result<i64> {
    if table_exists(sql, SCHEMA_TABLE.name)? { highest_version(sql) } else { Ok(0) }
}

fn create_schema_table(sql: &mut dyn Sql) -> Result<()> {
    if table_exists(sql, SCHEMA_TABLE.name)? { Ok(()) } else { create(sql, &SCHEMA_TABLE) }
}

fn insert_lock(sql: &mut dyn Sql) -> Result<()> {
    if one_int(sql, "SELECT COUNT(*) FROM sync2_schema WHERE version = 0", &[])? == 0 {
        sql.update("INSERT INTO sync2_schema (version, applied_at) VALUES (0, 0)", &[])?;
    }
    Ok(())
}

/// Waits until no other server migrates. A lock that ends later than one that is taken now is void: it was taken while the clock
/// was ahead.
fn lock(database: &mut dyn Transaction) -> Result<()> {
    for _ in 0..LOCK_ATTEMPTS {
        if transaction::write(database, |sql| try_lock(sql))? {
            return Ok(());
        }
        thread::sleep(LOCK_PAUSE);
    }
    let message = "another server is still working on them: start this one again when it has finished";
    Err(Error::new(ErrorKind::Host, message))
}

fn try_lock(sql: &mut dyn Sql) -> Result<bool> {
    let time = now(sql)?;
    let until = time + LOCK_MS;
    let taken = sql.update(
        "UPDATE sync2_schema SET applied_at = ? WHERE version = 0 AND (applied_at <= ? OR applied_at > ?)",
        &[until.into(), time.into(), until.into()],
    )?;
    Ok(taken > 0)
}

fn set_lock(sql: &mut dyn Sql, until: i64) -> Result<()> {
    sql.update("UPDATE sync2_schema SET applied_at = ? WHERE version = 0", &[until.into()]).map(drop)
}

/// Applies one migration, unless another server did so before we had the lock. Each step is committed by itself, and each
/// keeps the lock.
fn apply(database: &mut dyn Transaction, version: i64, steps: &[Step]) -> Result<()> {
    if transaction::write(database, |sql| highest_version(sql))? >= version {
        return Ok(());
    }
    for step in steps {
        while again_if_failed(database, |sql| keep_lock(sql).and_then(|()| advance(sql, step)))? {}
    }
    transaction::write(database, |sql| record(sql, version))
}

fn record(sql: &mut dyn Sql, version: i64) -> Result<()> {
    if highest_version(sql)? >= version {
        return Ok(());
    }
    let time = now(sql)?;
    sql.update("INSERT INTO sync2_schema (version, applied_at) VALUES (?, ?)", &[version.into(), time.into()]).map(drop)
}

fn keep_lock(sql: &mut dyn Sql) -> Result<()> {
    let until = now(sql)? + LOCK_MS;
    set_lock(sql, until)
}

fn highest_version(sql: &mut dyn Sql) -> Result<i64> {
    one_int(sql, "SELECT COALESCE(MAX(version), 0) FROM sync2_schema", &[])
}

fn too_new(installed: i64) -> Error {
    let message = format!(
        "the Sync 2 tables in this database have version {installed}, but this module only knows version {VERSION}: \
         install the newer module again"
    );
    Error::new(ErrorKind::Host, message)
}

fn not_created(cause: &Error) -> Error {
    let message = format!(
        "the Sync 2 tables (sync2_*) could not be created in this database ({}): if its user may not create tables, \
         give it that right, or start once with a user that has it",
        cause.message
    );
    Error::new(ErrorKind::Host, message)
}
