//! What another matching method would do, before it does it.

use std::sync::Arc;

use async_graphql::{Context, Object};
use uuid::Uuid;

use super::{
    known::{KnownIdentity, View},
    link::may_list,
    resolution::ResolutionStatus,
};
use crate::{
    auth::Permission,
    catalogue,
    directory::Snapshot,
    graphql::{
        directory::objects::User,
        error::ApiError,
        guard::visible,
        relay::{
            connection::{connection, int},
            paging::{PageArgs, Paging},
        },
        scalars::BigInt,
        services::ContextExt,
        settings::object::MatchingMethod,
        statement::{Statement, as_data, as_text},
    },
    identity::{self, MatchOutcome, Moved, Rehearsal},
};

/// Name of the lists in their cursors.
const MOVES: &str = "matchMoves";

/// A Confluence identity that would be somebody else.
#[derive(Clone)]
pub struct MatchMove {
    view: Arc<View>,
    moved: Arc<Moved>,
}

impl MatchMove {
    fn user(&self, outcome: &MatchOutcome) -> Option<User> {
        User::find(&self.view.snapshot, outcome.user.as_ref()?.as_str())
    }

    /// Why the rehearsed method comes to what it does.
    fn reason(&self) -> catalogue::Statement {
        self.view.resolve(&self.moved.known).reason
    }
}

/// A Confluence identity whom another matching method would find, lose, or take for another person.
#[Object]
impl MatchMove {
    /// The identity, as the rehearsed method resolves it.
    async fn identity(&self) -> KnownIdentity {
        self.view.identity(&self.moved.known)
    }

    /// What it comes to by the method in force.
    async fn status_before(&self) -> ResolutionStatus {
        self.moved.before.status.into()
    }

    /// What it would come to.
    async fn status_after(&self) -> ResolutionStatus {
        self.moved.after.status.into()
    }

    /// Why it would come to that, in a sentence. It may name an email address. Needs `directory:contact`.
    async fn reason_after(&self, ctx: &Context<'_>) -> Option<Result<String, ApiError>> {
        visible(ctx, Permission::DirectoryContact, || Some(self.reason().to_string()))
    }

    /// The reason as data. Needs `directory:contact`.
    async fn reason_after_statement(&self, ctx: &Context<'_>) -> Option<Result<Statement, ApiError>> {
        visible(ctx, Permission::DirectoryContact, || Some(self.reason().into()))
    }

    /// Who it is by the method in force.
    async fn user_before(&self) -> Option<User> {
        self.user(&self.moved.before)
    }

    /// Who it would be.
    async fn user_after(&self) -> Option<User> {
        self.user(&self.moved.after)
    }
}

connection! {
    /// A page of identities that would be somebody else.
    MatchMoveConnection, MatchMoveEdge, MatchMove, usize, |this, _ctx| Ok(int(this.extra))
}

/// A rehearsal.
pub struct MatchingRehearsal {
    view: Arc<View>,
    rehearsal: Rehearsal,
    notices: Vec<catalogue::Statement>,
}

impl MatchingRehearsal {
    fn list(&self, moves: &[Moved], args: &PageArgs) -> Result<MatchMoveConnection, ApiError> {
        let paging = Paging::<Uuid>::new(MOVES, args, 50)?;

        let found = paging.page_of(moves.iter(), |it| it.known.id);
        let page = found.map(|moved| MatchMove {
            view: self.view.clone(),
            moved: Arc::new(moved.clone()),
        });
        let listing = paging.listing(page, |it| it.moved.known.id);

        Ok(MatchMoveConnection {
            listing,
            extra: moves.len(),
        })
    }
}

/// What changing the matching method would do to the Confluence identities that are known: those who were asked for
/// within the time for which they are remembered, or are linked by hand. Links by hand stay as they are.
#[Object]
impl MatchingRehearsal {
    /// The rehearsed method.
    async fn method(&self) -> MatchingMethod {
        self.rehearsal.method.into()
    }

    /// The settings' version that it was rehearsed against.
    async fn settings_version(&self) -> BigInt {
        BigInt(self.rehearsal.settings_version)
    }

    /// The mirror's revision that it was rehearsed against.
    async fn revision(&self) -> BigInt {
        BigInt(self.rehearsal.revision)
    }

    /// Confluence identities that are known, and were rehearsed.
    async fn known_identities(&self) -> i32 {
        int(self.rehearsal.known)
    }

    /// What the rehearsal can't see, in sentences: identities that this server does not remember.
    async fn notices(&self) -> Vec<String> {
        as_text(&self.notices)
    }

    /// The notices as data.
    #[graphql(tag = "items:1")]
    async fn notice_statements(&self) -> Vec<Statement> {
        as_data(&self.notices)
    }

    /// The `rehearsalToken` for `updateSettings`. It is good for these settings, as long as the same identities would
    /// become the same other persons.
    async fn token(&self) -> String {
        self.rehearsal.token()
    }

    /// Who is not found and would be.
    async fn gains(
        &self,
        #[graphql(desc = "How many from the front, 1 to 500; 50 if neither `first` nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only those behind this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 500.")] last: Option<i32>,
        #[graphql(desc = "Only those in front of this cursor.")] before: Option<String>,
    ) -> Option<Result<MatchMoveConnection, ApiError>> {
        Some(self.list(&self.rehearsal.gains, &PageArgs::new(first, after, last, before)))
    }

    /// Who is found and would not be.
    async fn loses(
        &self,
        #[graphql(desc = "How many from the front, 1 to 500; 50 if neither `first` nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only those behind this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 500.")] last: Option<i32>,
        #[graphql(desc = "Only those in front of this cursor.")] before: Option<String>,
    ) -> Option<Result<MatchMoveConnection, ApiError>> {
        Some(self.list(&self.rehearsal.loses, &PageArgs::new(first, after, last, before)))
    }

    /// Who would be *another person*: their notifications would go to somebody else, also where one of the two has left
    /// or never logged in to DingTalk, so that they reach nobody today. While there is anybody, changing the method
    /// needs the token.
    async fn changes_person(
        &self,
        #[graphql(desc = "How many from the front, 1 to 500; 50 if neither `first` nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only those behind this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 500.")] last: Option<i32>,
        #[graphql(desc = "Only those in front of this cursor.")] before: Option<String>,
    ) -> Option<Result<MatchMoveConnection, ApiError>> {
        Some(self.list(
            &self.rehearsal.changes_person,
            &PageArgs::new(first, after, last, before),
        ))
    }
}

/// Queries for rehearsals.
#[derive(Default)]
pub struct RehearsalQuery;

#[Object]
impl RehearsalQuery {
    /// What changing the matching method would do: who would be found, who would not be any more, and who would be
    /// another person. Nothing is changed. Needs `identity:read` and `directory:read`.
    #[graphql(tag = "heavy")]
    async fn rehearse_matching(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The method to rehearse.")] method: MatchingMethod,
    ) -> Option<Result<MatchingRehearsal, ApiError>> {
        Some(rehearse(ctx, method).await)
    }
}

async fn rehearse(ctx: &Context<'_>, method: MatchingMethod) -> Result<MatchingRehearsal, ApiError> {
    may_list(ctx)?;
    let services = ctx.services();
    let view = Arc::new(View::of(services, ctx.snapshot(), Some(method.into())));
    let (settings, rehearsed) = (services.settings.current(), view.clone());

    // It looks at every identity that is known: not on a thread that answers requests.
    let rehearsal = tokio::task::spawn_blocking(move || {
        let snapshot: &Snapshot = &rehearsed.snapshot;
        identity::Rehearsal::run(
            snapshot,
            &rehearsed.links,
            &settings,
            rehearsed.method,
            &rehearsed.known,
        )
    });
    let rehearsal = rehearsal.await.map_err(|error| ApiError::internal(&error))?;

    let notices = services.identities.memory.gap().into_iter().collect();
    Ok(MatchingRehearsal {
        view,
        rehearsal,
        notices,
    })
}
