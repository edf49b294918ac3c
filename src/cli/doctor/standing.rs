//! How the installation stands beside its settings: the disk, the database's epoch, API keys, the month's calls.

use chrono::{DateTime, TimeDelta, Utc};

use super::Named;
use crate::{
    auth::ApiKeyState,
    catalogue::checks as said,
    checkup::Finding,
    config::{Config, Database},
    delivery,
    message::Quota,
    page::{MAX_PAGE, PageRequest},
    store::{Store, StoreError},
};

const MEGABYTE: u64 = 1_000_000;
/// Less room than this is little: a backup beside the database takes as much as the database.
const LITTLE_ROOM: u64 = 1_000 * MEGABYTE;
/// With less nothing can be written soon.
const NO_ROOM: u64 = 50 * MEGABYTE;

/// A key that ends so soon is told of.
const ENDS_SOON: TimeDelta = TimeDelta::days(14);

/// The room for the embedded database; a Postgres has a disk of its own.
pub(super) fn disk(config: &Config) -> Option<Finding> {
    if !matches!(config.database, Database::Embedded) {
        return None;
    }
    let place = config.data_dir.display().to_string();
    // A directory that isn't there yet is made by the server.
    let room = rustix::fs::statvfs(&config.data_dir).ok()?;
    Some(of_room(room.f_bavail.saturating_mul(room.f_frsize), &place))
}

fn of_room(free: u64, place: &str) -> Finding {
    let megabytes = free / MEGABYTE;
    if free >= LITTLE_ROOM {
        return Finding::passed(said::DISK_HAS_ROOM { megabytes, place });
    }

    let little = said::DISK_HAS_LITTLE_ROOM { megabytes, place };
    let finding = if free < NO_ROOM {
        Finding::failed(little)
    } else {
        Finding::limited(little)
    };
    finding.remedied(said::MAKE_ROOM {})
}

/// What can't be read says so where it is looked at.
pub(super) async fn of_what_stands_in_it(config: &Config, store: &Store, now: DateTime<Utc>, found: &mut Vec<Named>) {
    let looks = [
        ("EPOCH", epoch(store).await),
        ("API_KEYS", api_keys(store, now).await),
        ("QUOTA", quota(config, store, now).await),
    ];
    let told = looks.map(|(name, look)| {
        let unreadable = |error: StoreError| {
            let detail = error.to_string();
            Finding::failed(said::DATABASE_TABLES_UNREADABLE { detail })
        };
        (name, look.unwrap_or_else(unreadable))
    });
    found.extend(told);
}

async fn epoch(store: &Store) -> Result<Finding, StoreError> {
    let Some(epoch) = store.entered_epoch().await? else {
        return Ok(Finding::limited(said::EPOCH_BEGINS {}));
    };
    let epoch = epoch.as_str();
    Ok(Finding::passed(said::EPOCH_GOES_ON { epoch }))
}

async fn api_keys(store: &Store, now: DateTime<Utc>) -> Result<Finding, StoreError> {
    let (mut count, mut ending) = (0_usize, 0_usize);
    let mut after = None;
    loop {
        let page = store.api_keys(PageRequest::new(MAX_PAGE, after)).await?;
        let in_force = page.items.iter().filter(|key| key.state(now) == ApiKeyState::Active);
        for key in in_force {
            count += 1;
            ending += usize::from(key.expires_at <= now + ENDS_SOON);
        }
        after = page.items.last().map(|key| key.id);
        if !page.has_next || after.is_none() {
            break;
        }
    }

    if ending == 0 {
        return Ok(Finding::passed(said::API_KEYS_IN_FORCE { count }));
    }
    let days = ENDS_SOON.num_days();
    let soon = said::API_KEYS_END_SOON { count, ending, days };
    Ok(Finding::limited(soon).remedied(said::MAKE_ANOTHER_KEY {}))
}

async fn quota(config: &Config, store: &Store, now: DateTime<Utc>) -> Result<Finding, StoreError> {
    let quota = delivery::quota_of(store, config.delivery.quota, now).await?;
    Ok(of_quota(&quota))
}

fn of_quota(quota: &Quota) -> Finding {
    let (used, most, until) = (quota.used, quota.limit, quota.month_ends_at);
    if quota.is_exhausted || quota.left() == 0 {
        let used_up = Finding::limited(said::QUOTA_IS_USED_UP { used, until });
        return used_up.remedied(said::SAVE_CALLS {});
    }
    match quota.forecast_exhausted_at {
        Some(at) => Finding::limited(said::QUOTA_ENDS_EARLY { used, most, at }).remedied(said::SAVE_CALLS {}),
        None => Finding::passed(said::QUOTA_LASTS { used, most }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        checkup::CheckState::{Failed, Limited, Passed},
        message::{CallPurpose, Day, MeteredCalls, QuotaRules},
    };

    #[test]
    fn a_disk_says_how_much_room_it_has() {
        let state = |megabytes: u64| of_room(megabytes * MEGABYTE, "/data").state;
        assert_eq!([state(0), state(49), state(50)], [Failed, Failed, Limited]);
        assert_eq!([state(999), state(1_000), state(2_000_000)], [Limited, Passed, Passed]);
        assert!(of_room(0, "/data").remedy.is_some());
    }

    #[test]
    fn a_quota_that_ends_before_its_month_is_told() {
        let now = DateTime::from_timestamp(1_805_000_000, 0).unwrap();
        let state = |calls: u64, is_exhausted: bool| {
            let rules = QuotaRules {
                monthly: 1_000,
                reserved: 0,
            };
            let today = Day::of(now);
            let calls: MeteredCalls = (1..8)
                .map(|ago| (Day(today.0 - ago), CallPurpose::Send, calls))
                .collect();
            of_quota(&Quota::of(rules, &calls, is_exhausted, now)).state
        };
        assert_eq!(state(1, false), Passed);
        assert_eq!(state(120, false), Limited, "it does not last");
        assert_eq!(state(1_000, false), Limited, "nothing is left");
        assert_eq!(state(1, true), Limited, "DingTalk says so");
    }
}
