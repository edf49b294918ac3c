//! Links by hand as a CSV file.
//!
//! Lines come in order, and what was read is the same after it was written and read once more: an export that is
//! imported changes nothing.

use chrono::DateTime;
use dingmirror::identity::{IdentityLink, read_links, write_links};
use uuid::Uuid;

/// One file.
pub fn run(data: &[u8]) {
    let Ok(lines) = read_links(&String::from_utf8_lossy(data), false) else {
        return;
    };
    assert!(lines.is_sorted_by(|one, other| one.0 < other.0), "lines out of order");

    let read: Vec<_> = lines.into_iter().filter_map(|(_, line)| line.ok()).collect();
    let links: Vec<_> = read
        .iter()
        .map(|request| IdentityLink {
            id: Uuid::nil(),
            identity: request.identity.clone(),
            userid: request.userid.clone().into(),
            reason: request.reason.clone(),
            at: DateTime::UNIX_EPOCH,
            by: "=somebody".to_owned(),
        })
        .collect();
    let text = write_links(links.iter());
    let again: Vec<_> = read_links(&text, false)
        .unwrap()
        .into_iter()
        .map(|(_, line)| line.unwrap())
        .collect();

    assert_eq!(again.len(), read.len());
    for (one, other) in read.iter().zip(&again) {
        assert_eq!(
            (&one.identity, &one.userid, &one.reason),
            (&other.identity, &other.userid, &other.reason),
            "{text}"
        );
    }
}
