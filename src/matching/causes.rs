//! Who or what is named for a change: never what had nothing to do with it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::why::{Look, Why};
use crate::{
    directory::{Cause, UserId},
    identity::OutcomeChange,
    page::PageRequest,
    store::{LinkHistoryQuery, Store, StoreError},
};

/// These changes by their causes.
pub(super) async fn by_cause(
    store: &Store,
    before: Option<&Look>,
    now: &Look,
    changes: Vec<(Why, OutcomeChange)>,
) -> Result<BTreeMap<Cause, Vec<OutcomeChange>>, StoreError> {
    let records = records_changed(store, before, now, &changes).await?;
    let mut grouped: BTreeMap<Cause, Vec<OutcomeChange>> = BTreeMap::new();

    for (why, change) in changes {
        let cause = match why {
            Why::Directory(people) => only(people.iter().filter_map(|id| records.get(id)).flatten().cloned()),
            Why::Links { made_by, removed } => {
                let mut by = made_by;
                for id in removed {
                    let query = LinkHistoryQuery {
                        link: Some(id),
                        ..LinkHistoryQuery::default()
                    };
                    let newest = store.link_history(&query, PageRequest::new(1, None)).await?;
                    by.extend(newest.items.into_iter().map(|entry| entry.change.link.by));
                }
                only(by.into_iter().map(Cause::Request))
            }
            Why::Method => method_changed(before, now),
            Why::Identity => Cause::Identity,
            Why::Unknown => Cause::Unknown,
        };

        grouped.entry(cause).or_default().push(change);
    }
    Ok(grouped)
}

/// The one cause that there is.
fn only(causes: impl Iterator<Item = Cause>) -> Cause {
    let mut causes: BTreeSet<Cause> = causes.collect();
    match (causes.pop_first(), causes.is_empty()) {
        (Some(cause), true) => cause,
        _ => Cause::Unknown,
    }
}

/// What changed the records of those people between the two looks.
async fn records_changed(
    store: &Store,
    before: Option<&Look>,
    now: &Look,
    changes: &[(Why, OutcomeChange)],
) -> Result<HashMap<UserId, Vec<Cause>>, StoreError> {
    let mut people: BTreeSet<&UserId> = BTreeSet::new();
    for (why, _) in changes {
        if let Why::Directory(of) = why {
            people.extend(of);
        }
    }

    let mut causes: HashMap<UserId, Vec<Cause>> = HashMap::new();
    if let Some(before) = before {
        let people: Vec<UserId> = people.into_iter().cloned().collect();
        let revisions = before.grounds.snapshot.revision() + 1..=now.grounds.snapshot.revision();
        for (id, cause) in store.causes_of_users(&people, revisions).await? {
            causes.entry(id).or_default().push(cause);
        }
    }
    Ok(causes)
}

/// Whoever changed the settings, if they changed once: of several changes any may have been the method's.
fn method_changed(before: Option<&Look>, now: &Look) -> Cause {
    let (settings, before) = (&now.grounds.settings, before.map(|look| look.grounds.settings.version));
    let by = settings
        .updated_by
        .clone()
        .filter(|_| before.is_some_and(|before| before + 1 == settings.version));
    by.map_or(Cause::Unknown, Cause::Request)
}
