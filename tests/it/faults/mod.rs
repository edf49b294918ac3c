//! The storage fault table, through the real program, on both databases: what was acknowledged is there afterwards,
//! `/readyz` tells the truth, and work goes on by itself where that can be. Each row is printed by its test:
//!
//! | fault | database | acknowledged | kept | `/readyz` | back to work |
//!
//! A standby that lagged and is promoted loses what only the former primary had: see `faults_postgres`.

mod acknowledged;
mod crashed;
mod files;
mod full;
mod input_output;
mod killed;
mod read_only;
mod restored;
mod row;
mod sending;
