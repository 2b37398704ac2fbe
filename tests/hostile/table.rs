//! Reads the tables of `docs/security.md`.

const PAGE: &str = include_str!("../../docs/security.md");

/// One input, and what it gets.
pub struct Row {
    pub id: String,
    /// The error kind, and for a parent what becomes of the record or the run: `Malformed, parked`.
    pub gets: String,
}

/// The rows whose ids begin so.
pub fn rows(prefix: &str) -> Vec<Row> {
    let lines = PAGE.lines().filter_map(|line| line.strip_prefix("| `"));
    let rows = lines.filter_map(|line| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let id = cells.first()?.strip_suffix('`')?.to_string();
        Some(Row { id, gets: cells.get(2)?.to_string() })
    });
    let rows: Vec<Row> = rows.filter(|row| row.id.starts_with(prefix)).collect();
    assert!(!rows.is_empty(), "docs/security.md has no rows {prefix}");
    rows
}
