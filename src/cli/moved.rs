//! What was moved, in words.

use super::output;
use crate::store::MovedTable;

/// Prints how many rows of each table went there, and how many in all.
pub(super) fn print(tables: &[MovedTable], to: &str) -> anyhow::Result<()> {
    for MovedTable { name, rows } in tables.iter().filter(|table| table.rows > 0) {
        output::line(format_args!("{rows:>10}  {name}"))?;
    }
    let rows: u64 = tables.iter().map(|table| table.rows).sum();
    output::line(format_args!(
        "{to}: {rows} rows of {} tables, counted on both sides",
        tables.len()
    ))
}
