//! What a picker finds, by example, and that the index finds what the rule says.

mod near;
mod properties;
mod ranking;
mod surnames;

use std::sync::Arc;

use super::{Asked, Matched, Query, Record, SearchIndex, judge};
use crate::directory::fixtures::{department, user};

/// A person of this name.
fn person(id: &str, name: &str) -> Record {
    let mut made = user(id, &[1]);
    made.facts.name = name.into();
    Record::User(Arc::new(made))
}

/// People with these names, whose ids count upwards.
fn people(names: &[&str]) -> Vec<Record> {
    let numbered = names.iter().enumerate();
    numbered.map(|(id, name)| person(&format!("u{id:03}"), name)).collect()
}

/// A department of this name.
fn unit(id: i64, name: &str) -> Record {
    let mut made = department(id, Some(1));
    made.facts.name = name.into();
    Record::Department(Arc::new(made))
}

fn index(records: &[Record]) -> SearchIndex {
    let records = records.to_vec();
    SearchIndex::new(records.len(), Box::new(move || records))
}

const EVERYTHING: Asked = Asked {
    users: true,
    departments: true,
    contact: true,
    most: 50,
};

/// Names of what is found, the best first.
fn found(records: &[Record], typed: &str) -> Vec<String> {
    let query = Query::new(typed).unwrap();
    let hits = index(records).search(&query, EVERYTHING, Vec::new());
    hits.iter().map(|hit| hit.record.name().to_owned()).collect()
}

/// What of a record is highlighted.
fn highlighted(record: &Record, typed: &str) -> Vec<Matched> {
    let judged = judge(record, &Query::new(typed).unwrap(), true);
    judged.map(|judged| judged.matches).unwrap_or_default()
}
