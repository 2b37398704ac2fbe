//! How the database finds the rows of each list when its table is large: in the order of an index, without sorting.

use super::lists::{Size, analyze, fill, main_lists};
use crate::error::Result;
use crate::store::{Dialect, Row, Sql, SqlValue, Transaction, schema};

/// Remembers each SELECT and its parameters.
struct Remembering<'a> {
    sql: &'a mut dyn Sql,
    selects: Vec<(String, Vec<SqlValue>)>,
}

impl Sql for Remembering<'_> {
    fn dialect(&self) -> Dialect {
        self.sql.dialect()
    }

    fn update(&mut self, statement: &str, parameters: &[SqlValue]) -> Result<u64> {
        self.sql.update(statement, parameters)
    }

    fn query(&mut self, statement: &str, parameters: &[SqlValue]) -> Result<Vec<Row>> {
        self.selects.push((statement.to_owned(), parameters.to_vec()));
        self.sql.query(statement, parameters)
    }
}

/// Fills the tables of a new database with so many rows each, and reads the plan of each list's pages: that of a first page,
/// and of one in the middle. Panics with the statement whose plan sorts. Returns how many plans there were.
pub fn lists_are_not_sorted(database: &mut dyn Transaction, rows: i64) -> Result<usize> {
    schema::migrate(database)?;
    let size = Size { messages: rows, parked: rows, conflicts: rows };
    super::committed(database, |sql| fill(sql, &size))?;
    super::committed(database, analyze)?;
    super::in_rolled_back(database, |sql| {
        let mut remembering = Remembering { sql, selects: Vec::new() };
        main_lists(rows).iter().try_for_each(|list| (list.read_two_pages)(&mut remembering))?;
        let selects = remembering.selects;
        selects.iter().try_for_each(|(statement, parameters)| assert_not_sorted(sql, statement, parameters))?;
        Ok(selects.len())
    })
}

fn assert_not_sorted(sql: &mut dyn Sql, statement: &str, parameters: &[SqlValue]) -> Result<()> {
    let explain = if sql.dialect() == Dialect::Sqlite { "EXPLAIN QUERY PLAN" } else { "EXPLAIN" };
    let plan = format!("{:?}", sql.query(&format!("{explain} {statement}"), parameters)?);
    let sorted = match sql.dialect() {
        Dialect::MySql => plan.contains("Using filesort"),
        Dialect::PostgreSql => plan.contains("Sort") && most_rows(&plan) > FEW_ROWS,
        Dialect::H2 => statement.contains("ORDER BY") && !plan.contains("index sorted"),
        Dialect::Sqlite => plan.contains("TEMP B-TREE"),
    };
    assert!(!sorted, "{statement}\n{parameters:?}\n{plan}");
    Ok(())
}

/// The rows of one object may be sorted.
const FEW_ROWS: u64 = 3000;

/// The most rows that any step of a plan of PostgreSQL's expects.
fn most_rows(plan: &str) -> u64 {
    let counts = plan.split("rows=").skip(1).filter_map(|rest| rest.split(' ').next()?.parse().ok());
    counts.max().unwrap_or(u64::MAX)
}
