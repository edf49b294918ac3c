//! How the calls before one ended: whether it is the same each time.

use std::collections::BTreeSet;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::{
    message::AttemptOutcome,
    store::{
        column::{CleanText, Named, UuidText},
        entity::attempt,
        error::StoreError,
        handle::Store,
    },
};

/// So many attempts are looked at, the latest first.
const LOOKED_AT: u64 = 200;

/// The latest calls that all ended with the same code.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct InARow {
    /// Calls.
    pub calls: u32,
    /// Messages that they carried, those left out that were asked for.
    pub messages: u32,
}

impl Store {
    /// The latest calls of all replicas, back to the first that did not end with `code`; `but`: messages that aren't
    /// counted.
    pub async fn ended_in_a_row(&self, code: &str, but: &[Uuid]) -> Result<InARow, StoreError> {
        /// Call, message, code.
        type Row = (Option<UuidText>, UuidText, Option<CleanText>);
        let latest: Vec<Row> = attempt::Entity::find()
            .select_only()
            .columns([
                attempt::Column::CallId,
                attempt::Column::MessageId,
                attempt::Column::Code,
            ])
            .filter(attempt::Column::FinishedAt.is_not_null())
            .filter(attempt::Column::Outcome.ne(Named(AttemptOutcome::NotMade)))
            .order_by_desc(attempt::Column::FinishedAt)
            .limit(LOOKED_AT)
            .into_tuple()
            .all(&self.read)
            .await?;

        let but: BTreeSet<UuidText> = but.iter().map(UuidText::from).collect();
        let same = latest
            .iter()
            .take_while(|(.., ended)| ended.as_ref().map(CleanText::as_str) == Some(code));
        let (mut calls, mut messages) = (BTreeSet::new(), BTreeSet::new());
        for (call, message, _) in same {
            calls.insert(call);
            if !but.contains(message) {
                messages.insert(message);
            }
        }

        Ok(InARow {
            calls: u32::try_from(calls.len()).unwrap_or(u32::MAX),
            messages: u32::try_from(messages.len()).unwrap_or(u32::MAX),
        })
    }
}
