//! `dingmirror key`: API keys, made and revoked where the database is, beside the server.

use std::{future::Future, time::Duration};

use anyhow::{Context, bail};
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::ExposeSecret;
use serde_json::json;
use uuid::Uuid;

use super::{
    author, beside,
    output::{self, moment},
};
use crate::{
    admin::ApiKeyAdmin,
    auth::{ApiKey, ApiKeysHandle, KEY_PREFIX, NewApiKey, Permission},
    clock::Clock,
    config::{ConfigLayer, DatabasePlace, parse_duration},
    page::{MAX_PAGE, PageRequest},
    store::Store,
    word::word,
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    action: KeyAction,
}

#[derive(Debug, clap::Subcommand)]
enum KeyAction {
    /// Make an API key and print it, once: nobody can have it shown again
    Create(CreateArgs),
    /// List the API keys, newest first, with those that have expired or were revoked
    List(ListArgs),
    /// Revoke an API key: every replica refuses it within two seconds
    Revoke(RevokeArgs),
}

#[derive(Debug, clap::Args)]
struct CreateArgs {
    /// Whom the key is for, 1 to 64 characters; who shows it is `key:NAME` in the audit log and beside messages
    #[arg(long)]
    name: String,

    /// A permission of the key; may be given several times
    #[arg(long = "permission", short, value_name = "PERMISSION", required = true)]
    permissions: Vec<Permission>,

    /// Until when it is taken, from now, say 90d; at most the longest life that the operator allows
    /// (--token-max-lifetime)
    #[arg(long, default_value = "90d", value_parser = parse_duration)]
    expires: Duration,
}

#[derive(Debug, clap::Args)]
struct ListArgs {
    /// Print the keys as JSON, one a line
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
struct RevokeArgs {
    /// The key's id, as `key list` shows it; or the beginning of the key, `dm_` and 32 digits
    id: String,
}

pub(super) fn run(config: ConfigLayer, args: Args) -> anyhow::Result<()> {
    let place = DatabasePlace::load(config)?;
    match args.action {
        KeyAction::Create(args) => with_keys(place, |keys| create(keys, args)),
        KeyAction::List(args) => with_keys(place, |keys| list(keys, args)),
        KeyAction::Revoke(args) => {
            let id = id_of(&args.id)?;
            with_keys(place, move |keys| revoke(keys, id))
        }
    }
}

/// What works on keys, and the database that it works on.
struct Keys {
    admin: ApiKeyAdmin,
    store: Store,
    clock: Clock,
}

fn with_keys<F>(place: DatabasePlace, work: impl FnOnce(Keys) -> F) -> anyhow::Result<()>
where
    F: Future<Output = anyhow::Result<()>>,
{
    let token_max_lifetime = place.token_max_lifetime;
    beside::with_store(place, move |store, clock| {
        let handle = ApiKeysHandle::default();
        work(Keys {
            admin: ApiKeyAdmin::new(store.clone(), handle, clock.clone(), token_max_lifetime),
            store,
            clock,
        })
    })
}

/// Prints the key and nothing else, so that `KEY=$(dingmirror key create …)` works; the rest goes to standard error.
async fn create(keys: Keys, args: CreateArgs) -> anyhow::Result<()> {
    let life = TimeDelta::from_std(args.expires).ok();
    let expires_at = life.and_then(|life| keys.clock.now().checked_add_signed(life));
    let new = NewApiKey {
        name: args.name,
        permissions: args.permissions.into_iter().collect(),
        expires_at: expires_at.context("--expires is too long a time")?,
    };

    let made = keys.admin.create(new, author::of_this_command()).await?;
    output::line(made.secret.expose_secret())?;
    crate::telemetry::say(format!(
        "the key {} of {} in {}: taken until {}, shown here and never again",
        made.key.id,
        made.key.subject(),
        keys.store.describe(),
        moment(made.key.expires_at)
    ));
    Ok(())
}

async fn list(keys: Keys, args: ListArgs) -> anyhow::Result<()> {
    let now = keys.clock.now();
    let mut after = None;
    if !args.json {
        output::line(
            "ID                                    STATE    EXPIRES               LAST USED             NAME: PERMISSIONS",
        )?;
    }

    loop {
        let page = keys.store.api_keys(PageRequest::new(MAX_PAGE, after)).await?;
        for key in &page.items {
            if args.json {
                output::line(in_json(key, now))?;
            } else {
                output::line(in_words(key, now))?;
            }
        }
        after = page.items.last().map(|key| key.id);
        if !page.has_next {
            return Ok(());
        }
    }
}

async fn revoke(keys: Keys, id: Uuid) -> anyhow::Result<()> {
    let Some(key) = keys.admin.revoke(id, author::of_this_command()).await? else {
        bail!(
            "there is no API key {id} in {}: `dingmirror key list` lists them",
            keys.store.describe()
        );
    };

    let by = key.revoked_by.as_deref().unwrap_or_default();
    let at = key.revoked_at.map(moment).unwrap_or_default();
    output::line(format_args!("{id} of {}: revoked at {at} by {by}", key.subject()))
}

/// An id, or the beginning of a key. Who gives all of a key has shown it to whoever reads the shell's history: it is
/// revoked all the same.
fn id_of(text: &str) -> anyhow::Result<Uuid> {
    let text = text.trim();
    let digits = text.strip_prefix(KEY_PREFIX).unwrap_or(text);
    let digits = digits.split('_').next().unwrap_or_default();
    // The text may be a key: it is not repeated.
    Uuid::parse_str(digits)
        .ok()
        .context("no id of an API key: `dingmirror key list` shows the ids")
}

fn in_words(key: &ApiKey, now: DateTime<Utc>) -> String {
    let permissions: Vec<_> = key.permissions.iter().map(|it| it.as_str()).collect();
    let used = key.last_used_at.map_or_else(|| "never".to_owned(), moment);
    let state = word(&key.state(now));
    format!(
        "{}  {state:<7}  {}  {used:<20}  {}: {}",
        key.id,
        moment(key.expires_at),
        key.name,
        permissions.join(" ")
    )
}

fn in_json(key: &ApiKey, now: DateTime<Utc>) -> String {
    json!({
        "id": key.id,
        "name": key.name,
        "permissions": key.permissions,
        "state": key.state(now),
        "createdAt": moment(key.created_at),
        "createdBy": key.created_by,
        "expiresAt": moment(key.expires_at),
        "lastUsedAt": key.last_used_at.map(moment),
        "revokedAt": key.revoked_at.map(moment),
        "revokedBy": key.revoked_by,
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_named_by_its_id_or_its_beginning_and_never_repeated() {
        let id = Uuid::from_u128(7);
        let secret = "f".repeat(64);
        for text in [
            id.to_string(),
            id.simple().to_string(),
            format!("dm_{}", id.simple()),
            format!(" dm_{}_{secret} ", id.simple()),
        ] {
            assert_eq!(id_of(&text).unwrap(), id, "{text}");
        }

        let told = id_of(&format!("dm_x_{secret}")).unwrap_err().to_string();
        assert!(told.contains("key list") && !told.contains(&secret), "{told}");
    }
}
