//! The steps that a migration is made of, on every database. Each can be repeated: MySQL and H2 commit at each DDL
//! statement, so a kill in the middle leaves a part of a step behind. What is there already is asked of the catalogue,
//! because not every database has `IF NOT EXISTS` for it.

// The store's contract shows every kind of step on each database, also one that no migration needs yet.
#![cfg_attr(not(feature = "testing"), allow(dead_code))]

use super::super::row::one_int;
use super::super::{Dialect, LONGEST_EVENT_ID, Sql};
use crate::error::Result;

/// One step of a migration. In types, `{text}`, `{blob}`, `{id}` and `{event_id}` (compact), and `{row_no}` (the primary key,
/// counted up by the database) stand for what is called differently in each database; every other type must be understood
/// by all of them.
pub(crate) enum Step {
    /// Creates a table.
    Table(Table),
    /// Removes a table with all that is in it.
    DropTable(&'static str),
    /// Inserts rows that are not there yet.
    Rows(&'static str),
    /// Adds a column. Old rows get its default, or null.
    Column(Column),
    /// Changes the type of a column that has no default; whether it may be null stays. Only from one that holds nothing which
    /// the new one cannot. SQLite keeps any value in any column, so nothing is done there.
    Type(Column),
    /// Adds an index to a table that has rows.
    Index(Index),
    /// Removes an index: its name, and its table.
    DropIndex(&'static str, &'static str),
    /// Rewrites the rows of a large table.
    Batches(Batches),
}

/// A table with its indexes.
pub(crate) struct Table {
    /// The name of the table.
    pub name: &'static str,
    /// The definitions of its columns and constraints, with a comma between two.
    pub columns: &'static str,
    /// Name (one word for the whole database) and columns.
    pub indexes: &'static [(&'static str, &'static str)],
}

/// A column of a table that is there already.
pub(crate) struct Column {
    table: &'static str,
    name: &'static str,
    /// The type; for a new column also `NOT NULL DEFAULT …`.
    definition: &'static str,
}

/// An index of a table that is there already.
pub(crate) struct Index {
    name: &'static str,
    table: &'static str,
    columns: &'static str,
}

/// Work on a large table, a portion at a time, each in a transaction of its own, so that neither a lock nor an undo log
/// grows with the table.
pub(crate) struct Batches {
    /// The table that the work takes rows out of, or marks them in; when it is gone, all is done.
    pub table: &'static str,
    /// Does the next portion and returns how many rows it had; 0 when none is left. What is done must not be found again.
    pub work: fn(&mut dyn Sql) -> Result<u64>,
}

/// Creates a table.
pub(crate) const fn table(
    name: &'static str,
    columns: &'static str,
    indexes: &'static [(&'static str, &'static str)],
) -> Step {
    Step::Table(Table { name, columns, indexes })
}

/// Adds a column: `NOT NULL` only with a `DEFAULT`.
pub(crate) const fn column(table: &'static str, name: &'static str, definition: &'static str) -> Step {
    Step::Column(Column { table, name, definition })
}

/// Changes a column's type.
pub(crate) const fn column_type(table: &'static str, name: &'static str, definition: &'static str) -> Step {
    Step::Type(Column { table, name, definition })
}

/// Adds an index.
pub(crate) const fn index(name: &'static str, table: &'static str, columns: &'static str) -> Step {
    Step::Index(Index { name, table, columns })
}

/// Rewrites rows in portions.
pub(crate) const fn batches(table: &'static str, work: fn(&mut dyn Sql) -> Result<u64>) -> Step {
    Step::Batches(Batches { table, work })
}

/// Does a step, or the next portion of it. Returns whether there is more to do.
pub(crate) fn advance(sql: &mut dyn Sql, step: &Step) -> Result<bool> {
    match step {
        Step::Table(table) => create(sql, table)?,
        Step::DropTable(name) => run(sql, &format!("DROP TABLE IF EXISTS {name}"))?,
        Step::Rows(statement) => run(sql, statement)?,
        Step::Column(column) => add_column(sql, column)?,
        Step::Type(column) => change_type(sql, column)?,
        Step::Index(index) => create_index(sql, index)?,
        Step::DropIndex(name, table) => drop_index(sql, name, table)?,
        Step::Batches(batches) => return Ok(table_exists(sql, batches.table)? && (batches.work)(sql)? > 0),
    }
    Ok(false)
}

fn run(sql: &mut dyn Sql, statement: &str) -> Result<()> {
    sql.update(statement, &[]).map(drop)
}

/// Returns true if there is a table of that name. Asks the catalogue, because a statement on a missing table fails, and a user
/// without the right to create tables may not even say CREATE TABLE IF NOT EXISTS.
pub(crate) fn table_exists(sql: &mut dyn Sql, table: &str) -> Result<bool> {
    let count = match sql.dialect() {
        Dialect::MySql => {
            format!("information_schema.tables WHERE table_schema = DATABASE() AND table_name = '{table}'")
        }
        Dialect::PostgreSql => format!("pg_class WHERE oid = to_regclass('{table}')"),
        Dialect::H2 => {
            format!("information_schema.tables WHERE table_schema = SCHEMA() AND LOWER(table_name) = '{table}'")
        }
        Dialect::Sqlite => format!("sqlite_master WHERE type = 'table' AND name = '{table}'"),
    };
    any(sql, &count)
}

fn column_exists(sql: &mut dyn Sql, column: &Column) -> Result<bool> {
    let Column { table, name, .. } = column;
    let count = match sql.dialect() {
        Dialect::MySql => format!(
            "information_schema.columns WHERE table_schema = DATABASE() AND table_name = '{table}' \
             AND column_name = '{name}'"
        ),
        Dialect::PostgreSql => {
            format!("pg_attribute WHERE attrelid = to_regclass('{table}') AND attname = '{name}' AND NOT attisdropped")
        }
        Dialect::H2 => format!(
            "information_schema.columns WHERE table_schema = SCHEMA() AND LOWER(table_name) = '{table}' \
             AND LOWER(column_name) = '{name}'"
        ),
        Dialect::Sqlite => format!("pragma_table_info('{table}') WHERE name = '{name}'"),
    };
    any(sql, &count)
}

/// Of MySQL only: it alone has no `IF [NOT] EXISTS` for indexes, and there they belong to a table.
fn mysql_index_exists(sql: &mut dyn Sql, name: &str, table: &str) -> Result<bool> {
    let count = format!(
        "information_schema.statistics WHERE table_schema = DATABASE() AND table_name = '{table}' \
         AND index_name = '{name}'"
    );
    any(sql, &count)
}

fn any(sql: &mut dyn Sql, table_and_condition: &str) -> Result<bool> {
    Ok(one_int(sql, &format!("SELECT COUNT(*) FROM {table_and_condition}"), &[])? > 0)
}

/// Creates a table that is not there yet.
pub(crate) fn create(sql: &mut dyn Sql, table: &Table) -> Result<()> {
    create_statements(table, sql.dialect()).iter().try_for_each(|statement| run(sql, statement))
}

/// MySQL has no CREATE INDEX IF NOT EXISTS, the others have no indexes inside CREATE TABLE.
fn create_statements(table: &Table, dialect: Dialect) -> Vec<String> {
    let Table { name, columns, indexes } = table;
    let columns = typed(columns, dialect);
    if dialect == Dialect::MySql {
        let keys: String = indexes.iter().map(|(index, on)| format!(", KEY {index} ({on})")).collect();
        return vec![format!("CREATE TABLE IF NOT EXISTS {name} ({columns}{keys}) {MYSQL_OPTIONS}")];
    }
    let create_table = format!("CREATE TABLE IF NOT EXISTS {name} ({columns})");
    let create_indexes =
        indexes.iter().map(|(index, on)| format!("CREATE INDEX IF NOT EXISTS {index} ON {name} ({on})"));
    std::iter::once(create_table).chain(create_indexes).collect()
}

fn add_column(sql: &mut dyn Sql, column: &Column) -> Result<()> {
    if column_exists(sql, column)? {
        return Ok(());
    }
    let definition = typed(column.definition, sql.dialect());
    run(sql, &format!("ALTER TABLE {} ADD COLUMN {} {definition}", column.table, column.name))
}

fn change_type(sql: &mut dyn Sql, column: &Column) -> Result<()> {
    let Column { table, name, definition } = column;
    let definition = typed(definition, sql.dialect());
    let change = match sql.dialect() {
        Dialect::MySql => {
            let null = if mysql_nullable(sql, column)? { "NULL" } else { "NOT NULL" };
            format!("MODIFY COLUMN {name} {definition} {null}")
        }
        Dialect::PostgreSql => {
            format!("ALTER COLUMN {name} TYPE {definition} USING CAST({name} AS {definition})")
        }
        Dialect::H2 => format!("ALTER COLUMN {name} SET DATA TYPE {definition}"),
        Dialect::Sqlite => return Ok(()),
    };
    run(sql, &format!("ALTER TABLE {table} {change}"))
}

/// MySQL forgets what a MODIFY does not repeat.
fn mysql_nullable(sql: &mut dyn Sql, column: &Column) -> Result<bool> {
    let count = format!(
        "information_schema.columns WHERE table_schema = DATABASE() AND table_name = '{}' AND column_name = '{}' \
         AND is_nullable = 'YES'",
        column.table, column.name
    );
    any(sql, &count)
}

fn create_index(sql: &mut dyn Sql, index: &Index) -> Result<()> {
    let Index { name, table, columns } = index;
    if sql.dialect() != Dialect::MySql {
        return run(sql, &format!("CREATE INDEX IF NOT EXISTS {name} ON {table} ({columns})"));
    }
    if mysql_index_exists(sql, name, table)? {
        return Ok(());
    }
    run(sql, &format!("CREATE INDEX {name} ON {table} ({columns})"))
}

fn drop_index(sql: &mut dyn Sql, name: &str, table: &str) -> Result<()> {
    if sql.dialect() != Dialect::MySql {
        return run(sql, &format!("DROP INDEX IF EXISTS {name}"));
    }
    if mysql_index_exists(sql, name, table)? { run(sql, &format!("DROP INDEX {name} ON {table}")) } else { Ok(()) }
}

/// `utf8mb4_bin`: by default MySQL takes `a` and `A` for the same uuid. DYNAMIC: keys of more than 767 bytes.
const MYSQL_OPTIONS: &str = "ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin";

fn typed(definition: &str, dialect: Dialect) -> String {
    definition
        .replace("{text}", text_type(dialect))
        .replace("{blob}", blob_type(dialect))
        .replace("{id}", &bytes_type(dialect, LONGEST_COMPACT_ID))
        .replace("{event_id}", &bytes_type(dialect, LONGEST_COMPACT_EVENT_ID))
        .replace("{row_no}", row_number(dialect))
}

/// 64 characters of up to 4 bytes, and what `compact` adds.
const LONGEST_COMPACT_ID: usize = 64 * 4 + 2;
const LONGEST_COMPACT_EVENT_ID: usize = LONGEST_EVENT_ID * 4 + 2;

/// A few bytes.
fn bytes_type(dialect: Dialect, longest: usize) -> String {
    match dialect {
        Dialect::PostgreSql => "BYTEA".to_string(),
        Dialect::Sqlite => "BLOB".to_string(),
        Dialect::MySql | Dialect::H2 => format!("VARBINARY({longest})"),
    }
}

/// The key of a row, which the database counts up.
fn row_number(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::MySql => "BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY",
        Dialect::PostgreSql | Dialect::H2 => "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY",
        Dialect::Sqlite => "INTEGER PRIMARY KEY",
    }
}

/// Text of any length that an error message, url or list of paths can have.
fn text_type(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::MySql => "MEDIUMTEXT",
        Dialect::H2 => "VARCHAR(1000000)",
        Dialect::PostgreSql | Dialect::Sqlite => "TEXT",
    }
}

/// Documents.
fn blob_type(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::MySql => "LONGBLOB",
        Dialect::PostgreSql => "BYTEA",
        Dialect::H2 | Dialect::Sqlite => "BLOB",
    }
}
