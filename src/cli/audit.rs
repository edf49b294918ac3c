//! `dingmirror audit`: the audit log as lines of JSON.

use std::time::Duration;

use anyhow::{Context, bail};
use chrono::{SecondsFormat, TimeDelta};
use serde_json::{Value, json};

use super::{output, runtime};
use crate::{
    audit::{AuditEntry, AuditQuery, Proof},
    clock::Clock,
    config::{ConfigLayer, Database, DatabasePlace, parse_duration},
    page::{Direction, MAX_PAGE, PageRequest},
    store::{Store, Target},
    word::word,
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only what was done within this time, say 30d; all that is kept without it
    #[arg(long, value_parser = parse_duration)]
    since: Option<Duration>,
}

pub(super) fn run(config: ConfigLayer, args: Args) -> anyhow::Result<()> {
    let place = DatabasePlace::load(config)?;
    runtime::block_on(|_| async move {
        let clock = Clock::system();
        let since = match args.since {
            None => None,
            Some(time) => {
                let time = TimeDelta::from_std(time).ok();
                let since = time.and_then(|time| clock.now().checked_sub_signed(time));
                Some(since.context("--since is too long a time")?)
            }
        };

        let target = match place.database {
            Database::Embedded => Target::Sqlite {
                data_dir: place.data_dir,
            },
            Database::Postgres(url) => Target::Postgres {
                url,
                max_connections: 1,
            },
        };
        let store = Store::connect_to_read(target, clock).await?;
        let query = AuditQuery {
            since,
            ..AuditQuery::default()
        };
        let done = print(&store, &query).await;
        store.close().await;
        done
    })
}

/// Prints the entries, oldest first.
async fn print(store: &Store, query: &AuditQuery) -> anyhow::Result<()> {
    let steps = store.migration_status().await?;
    if steps.iter().any(|(_, is_applied)| !is_applied) {
        bail!(
            "the tables of {} are not those of this version: start the server of this version on it, or run `dingmirror migrate`",
            store.describe()
        );
    }

    let mut before = None;
    loop {
        let page = PageRequest::between(MAX_PAGE, Direction::Backwards, None, before);
        let page = store.audit_log(query, page).await?;
        for entry in page.items.iter().rev() {
            output::line(in_json(entry))?;
        }
        before = page.items.first().map(|entry| entry.id);
        if !page.has_previous || before.is_none() {
            return Ok(());
        }
    }
}

/// One line, with the names that the API has.
fn in_json(entry: &AuditEntry) -> Value {
    let (proof, issuer, key, account) = match &entry.by.proof {
        Proof::Token { issuer } => ("TOKEN", Some(&**issuer), None, None),
        Proof::ApiKey(id) => ("API_KEY", None, Some(id), None),
        Proof::CommandLine { account } => ("COMMAND_LINE", None, None, Some(account)),
        Proof::Program => ("PROGRAM", None, None, None),
    };
    let origin = entry.by.origin.as_ref();
    json!({
        "at": entry.at.to_rfc3339_opts(SecondsFormat::Micros, true),
        "action": word(&entry.action),
        "target": entry.target,
        "details": entry.details,
        "subject": entry.by.subject,
        "proof": proof,
        "issuer": issuer,
        "apiKeyId": key,
        "account": account,
        "address": origin.and_then(|it| it.address),
        "requestId": origin.map(|it| &*it.request),
    })
}
