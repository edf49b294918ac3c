//! Revocations of tokens: made, and those that can still matter with the mark of their last change, as those of
//! [API keys](super::api_keys) have one.

use chrono::SecondsFormat;
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, Set};

use super::{
    audit,
    column::CleanText,
    entity::{
        mark,
        token_revocation::{ActiveModel, Column, Entity, Model},
    },
    error::{StoreError, corrupt},
    handle::Store,
    marks,
    transaction::Transaction,
};
use crate::{
    audit::{AuditAction, Author, Deed},
    auth::{MAX_REVOCATIONS, Revocation, Revoked, TokenId},
    id::random_id,
};

/// Which text the revocations had last.
const CHANGED: &str = "token-revocations-changed";

/// Before the first one.
const NEVER: &str = "never";

/// Which tokens, for the audit log.
fn deed(new: &Revocation, by: &Author) -> Deed {
    let deed = Deed::new(AuditAction::TokensRevoked, by);
    match &new.revoked {
        Revoked::Token(token) => deed.on(&token.id).with("issuer", &token.issuer),
        Revoked::Subject { subject, issued_before } => deed
            .on(subject)
            .with("issuedBefore", issued_before.to_rfc3339_opts(SecondsFormat::Secs, true)),
    }
}

/// What came of a revocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RevocationOutcome {
    /// It is there: this one, or one that was there already and does the same or more.
    Done(Revocation),
    /// There are as many as there may be.
    TooMany,
}

/// The revocations as of one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevocationsInForce {
    /// Of their last change: they are the same as long as it is.
    pub mark: String,
    /// Those that can still matter.
    pub revocations: Vec<Revocation>,
}

impl Store {
    /// Revokes tokens, unless they are revoked already, or [`MAX_REVOCATIONS`] are. What is over is forgotten.
    /// In the name of `by`.
    pub async fn revoke_tokens(
        &self,
        new: &Revocation,
        by: impl Into<Author>,
    ) -> Result<RevocationOutcome, StoreError> {
        let deed = deed(new, &by.into());
        repeated!(async {
            let transaction = self.begin().await?;
            // Holds the row until the commit: what is counted and looked for below stays true.
            change(&transaction).await?;
            let over = Column::OverAt.lte(self.clock.now());
            Entity::delete_many().filter(over).exec(&transaction).await?;

            let former = Entity::find().filter(same(&new.revoked)).all(&transaction).await?;
            let former = former.into_iter().map(stored).collect::<Result<Vec<_>, _>>()?;
            if let Some(enough) = former.into_iter().find(|former| does_as_much(former, new)) {
                transaction.commit().await?;
                return Ok(RevocationOutcome::Done(enough));
            }

            Entity::delete_many()
                .filter(same(&new.revoked))
                .exec(&transaction)
                .await?;
            if Entity::find().count(&transaction).await? >= MAX_REVOCATIONS {
                return Ok(RevocationOutcome::TooMany);
            }
            Entity::insert(row(new)).exec_without_returning(&transaction).await?;
            audit::note(&transaction, &deed, self.clock.now()).await?;
            transaction.commit().await?;
            Ok(RevocationOutcome::Done(new.clone()))
        })
    }

    /// The revocations that can still matter, if their mark is not `known`.
    pub async fn revocations_in_force(&self, known: Option<&str>) -> Result<Option<RevocationsInForce>, StoreError> {
        repeated!(async {
            let transaction = self.begin_read().await?;
            let found = mark::Entity::find_by_id(CHANGED).one(&transaction).await?;
            let mark = found.map_or_else(|| NEVER.to_owned(), |row| row.value);
            if known == Some(mark.as_str()) {
                transaction.commit().await?;
                return Ok(None);
            }

            let matters = Column::OverAt.gt(self.clock.now());
            let found = Entity::find().filter(matters).limit(MAX_REVOCATIONS);
            let rows = found.all(&transaction).await?;
            transaction.commit().await?;
            let revocations = rows.into_iter().map(stored).collect::<Result<_, _>>()?;
            Ok(Some(RevocationsInForce { mark, revocations }))
        })
    }
}

/// Has every replica read them anew. Nobody else changes them until the transaction ends.
pub(super) async fn change(transaction: &Transaction) -> Result<(), StoreError> {
    marks::put(transaction, CHANGED, &random_id().to_string()).await
}

/// Those of the same token, or of the same person.
fn same(revoked: &Revoked) -> Condition {
    match revoked {
        Revoked::Token(TokenId { issuer, id }) => Condition::all()
            .add(Column::Issuer.eq(CleanText::from(issuer)))
            .add(Column::TokenId.eq(CleanText::from(id))),
        Revoked::Subject { subject, .. } => Condition::all().add(Column::Subject.eq(CleanText::from(subject))),
    }
}

/// Of two of the same.
fn does_as_much(former: &Revocation, new: &Revocation) -> bool {
    match (&former.revoked, &new.revoked) {
        (
            Revoked::Subject { issued_before, .. },
            Revoked::Subject {
                issued_before: wanted, ..
            },
        ) => issued_before >= wanted,
        _ => true,
    }
}

fn row(revocation: &Revocation) -> ActiveModel {
    let (token, subject, issued_before) = match &revocation.revoked {
        Revoked::Token(token) => (Some(token), None, None),
        Revoked::Subject { subject, issued_before } => (None, Some(subject), Some(*issued_before)),
    };
    ActiveModel {
        id: Set(revocation.id.into()),
        issuer: Set(token.map(|token| CleanText::from(&token.issuer))),
        token_id: Set(token.map(|token| CleanText::from(&token.id))),
        subject: Set(CleanText::of(subject)),
        issued_before: Set(issued_before),
        revoked_at: Set(revocation.revoked_at),
        revoked_by: Set(CleanText::from(&revocation.revoked_by)),
        over_at: Set(revocation.over_at),
    }
}

fn stored(row: Model) -> Result<Revocation, StoreError> {
    let revoked = match (row.issuer, row.token_id, row.subject, row.issued_before) {
        (Some(issuer), Some(id), None, None) => Revoked::Token(TokenId {
            issuer: issuer.into(),
            id: id.into(),
        }),
        (None, None, Some(subject), Some(issued_before)) => Revoked::Subject {
            subject: subject.into(),
            issued_before,
        },
        _ => return Err(corrupt("token_revocations", "it names neither a token nor somebody")),
    };
    Ok(Revocation {
        id: row.id.into(),
        revoked,
        revoked_at: row.revoked_at,
        revoked_by: row.revoked_by.into(),
        over_at: row.over_at,
    })
}
