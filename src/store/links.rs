//! Links by hand and their history. A change is compare-and-set on the version of all links: what was planned was
//! planned against exactly what stands there.

use std::collections::BTreeMap;

use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, Select, Set,
    sea_query::{Expr, Order},
};
use uuid::Uuid;

use super::{
    audit,
    column::{CleanText, Named, UuidText},
    entity::{identity_link, identity_link_history, identity_version},
    error::StoreError,
    handle::Store,
    paging::paged,
};
use crate::{
    audit::{AuditAction, Author, Deed},
    directory::UserId,
    identity::{ConfluenceIdentity, IdentityLink, LinkAction, LinkChange, LinkHistoryEntry, Links},
    page::{Page, PageRequest},
};

/// The one row of `identity_versions`.
pub(super) const VERSIONS_ROW: i32 = 1;

/// Rows a statement: well below SQLite's 32,766 binds.
const CHUNK: usize = 1_000;

/// Which lines of the history.
#[derive(Debug, Clone, Default)]
pub struct LinkHistoryQuery {
    /// Of this link.
    pub link: Option<Uuid>,
    /// That led or lead to this DingTalk user.
    pub userid: Option<UserId>,
}

impl Store {
    /// Every link, as of one moment.
    pub async fn load_links(&self) -> Result<Links, StoreError> {
        repeated!(async {
            let transaction = self.begin_read().await?;
            let version = identity_version::Entity::find_by_id(VERSIONS_ROW)
                .one(&transaction)
                .await?
                .map_or(0, |row| row.links);
            let rows = identity_link::Entity::find().all(&transaction).await?;
            transaction.commit().await?;
            let links = rows.into_iter().map(link).collect::<Vec<_>>();
            Ok(Links::new(version, links))
        })
    }

    /// Writes these changes and their history, in the name of `by`, if the links are still at version `expected`; the
    /// new version.
    pub async fn change_links(
        &self,
        expected: i64,
        changes: &[LinkChange],
        by: impl Into<Author>,
    ) -> Result<i64, StoreError> {
        let deed = deed(changes, &by.into());
        repeated!(async {
            let transaction = self.begin().await?;
            let taken = identity_version::Entity::update_many()
                .col_expr(
                    identity_version::Column::Links,
                    Expr::col(identity_version::Column::Links).add(1_i64),
                )
                .filter(identity_version::Column::Id.eq(VERSIONS_ROW))
                .filter(identity_version::Column::Links.eq(expected))
                .exec(&transaction)
                .await?;
            if taken.rows_affected == 0 {
                let actual = identity_version::Entity::find_by_id(VERSIONS_ROW)
                    .one(&transaction)
                    .await?
                    .map_or(0, |row| row.links);
                drop(transaction);
                return Err(StoreError::VersionConflict { expected, actual });
            }

            // A file may change one link twice: the last one stands, and the history has both.
            let last: BTreeMap<UuidText, &LinkChange> = changes.iter().map(|it| (it.link.id.into(), it)).collect();
            let last: Vec<_> = last.into_iter().collect();
            for chunk in last.chunks(CHUNK) {
                let ids = chunk.iter().map(|(id, _)| *id);
                identity_link::Entity::delete_many()
                    .filter(identity_link::Column::Id.is_in(ids))
                    .exec(&transaction)
                    .await?;

                let rows = chunk.iter().map(|(_, it)| it);
                let rows = rows
                    .filter(|it| it.action != LinkAction::Unlinked)
                    .map(|it| link_row(&it.link));
                identity_link::Entity::insert_many(rows)
                    .exec_without_returning(&transaction)
                    .await?;
            }

            for chunk in changes.chunks(CHUNK) {
                identity_link_history::Entity::insert_many(chunk.iter().map(history_row))
                    .exec_without_returning(&transaction)
                    .await?;
            }

            audit::note(&transaction, &deed, self.clock.now()).await?;
            transaction.commit().await?;
            Ok(expected.saturating_add(1))
        })
    }

    /// Who linked whom, when and why, newest first; the cursor is the id.
    pub async fn link_history(
        &self,
        query: &LinkHistoryQuery,
        page: PageRequest<i64>,
    ) -> Result<Page<LinkHistoryEntry>, StoreError> {
        use identity_link_history::Column;
        let found = paged(query.select(), (Column::Id, Order::Desc), &page);
        let rows = found.all(&self.read).await?;

        let entries = rows.into_iter().map(entry).collect();
        Ok(Page::from_overfetched(entries, &page))
    }

    /// How many lines the history has.
    pub async fn count_link_history(&self, query: &LinkHistoryQuery) -> Result<u64, StoreError> {
        Ok(query.select().count(&self.read).await?)
    }
}

impl LinkHistoryQuery {
    fn select(&self) -> Select<identity_link_history::Entity> {
        use identity_link_history::Column;
        let mut found = identity_link_history::Entity::find();
        if let Some(id) = self.link {
            found = found.filter(Column::LinkId.eq(UuidText(id)));
        }
        if let Some(userid) = &self.userid {
            let either = Column::UseridBefore
                .eq(userid.as_str())
                .or(Column::UseridAfter.eq(userid.as_str()));
            found = found.filter(either);
        }
        found
    }
}

/// One link's change, or a file of them. Who is linked with whom stands in the links' own history.
fn deed(changes: &[LinkChange], by: &Author) -> Deed {
    if let [change] = changes
        && !change.imported
    {
        let action = match change.action {
            LinkAction::Linked => AuditAction::LinkMade,
            LinkAction::Relinked => AuditAction::LinkChanged,
            LinkAction::Unlinked => AuditAction::LinkRemoved,
        };
        return Deed::new(action, by).on(change.link.id);
    }

    let count = |action| changes.iter().filter(|change| change.action == action).count();
    Deed::new(AuditAction::LinksImported, by)
        .with("linked", count(LinkAction::Linked))
        .with("relinked", count(LinkAction::Relinked))
}

fn link(row: identity_link::Model) -> IdentityLink {
    IdentityLink {
        id: row.id.into(),
        identity: ConfluenceIdentity {
            username: row.username.map(String::from),
            user_key: row.user_key.map(String::from),
            account_id: row.account_id.map(String::from),
            email: row.email.map(String::from),
            display_name: row.display_name.map(String::from),
        },
        userid: row.userid.into(),
        reason: row.reason.map(String::from),
        at: row.at,
        by: row.actor.into(),
    }
}

fn link_row(link: &IdentityLink) -> identity_link::ActiveModel {
    let identity = &link.identity;
    identity_link::ActiveModel {
        id: Set(link.id.into()),
        username: Set(CleanText::of(identity.username.as_ref())),
        user_key: Set(CleanText::of(identity.user_key.as_ref())),
        account_id: Set(CleanText::of(identity.account_id.as_ref())),
        email: Set(CleanText::of(identity.email.as_ref())),
        display_name: Set(CleanText::of(identity.display_name.as_ref())),
        userid: Set(CleanText::from(link.userid.as_str())),
        reason: Set(CleanText::of(link.reason.as_ref())),
        at: Set(link.at),
        actor: Set(CleanText::from(&link.by)),
    }
}

fn history_row(change: &LinkChange) -> identity_link_history::ActiveModel {
    let (link, identity) = (&change.link, &change.link.identity);
    let after = (change.action != LinkAction::Unlinked).then_some(&link.userid);
    let userid = |id: Option<&UserId>| id.map(|id| CleanText::from(id.as_str()));

    identity_link_history::ActiveModel {
        id: sea_orm::NotSet,
        link_id: Set(link.id.into()),
        at: Set(link.at),
        actor: Set(CleanText::from(&link.by)),
        action: Set(Named(change.action)),
        imported: Set(change.imported),
        username: Set(CleanText::of(identity.username.as_ref())),
        user_key: Set(CleanText::of(identity.user_key.as_ref())),
        account_id: Set(CleanText::of(identity.account_id.as_ref())),
        email: Set(CleanText::of(identity.email.as_ref())),
        display_name: Set(CleanText::of(identity.display_name.as_ref())),
        userid_before: Set(userid(change.before.as_ref())),
        userid_after: Set(userid(after)),
        reason: Set(CleanText::of(change.reason.as_ref())),
    }
}

fn entry(row: identity_link_history::Model) -> LinkHistoryEntry {
    let before = row.userid_before.map(UserId::from);
    // A link that was removed is told with the person whom it led to.
    let userid = row.userid_after.map(UserId::from).or_else(|| before.clone());

    let reason = row.reason.map(String::from);

    LinkHistoryEntry {
        id: row.id,
        change: LinkChange {
            action: row.action.0,
            link: IdentityLink {
                id: row.link_id.into(),
                identity: ConfluenceIdentity {
                    username: row.username.map(String::from),
                    user_key: row.user_key.map(String::from),
                    account_id: row.account_id.map(String::from),
                    email: row.email.map(String::from),
                    display_name: row.display_name.map(String::from),
                },
                userid: userid.unwrap_or_else(|| "".into()),
                reason: reason.clone(),
                at: row.at,
                by: row.actor.into(),
            },
            reason,
            before,
            imported: row.imported,
        },
    }
}
