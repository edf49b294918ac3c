//! Removals that wait for approval, and deciding them.

use std::sync::Arc;

use async_graphql::{Context, Enum, InputObject, Object, SimpleObject};

use crate::{
    auth::Permission,
    catalogue::directory as said,
    directory::{self, Decision, DeptId, RecordId, Snapshot, UserId},
    graphql::{
        directory::objects::{Department, User},
        enums::{EntityKind, GoneCause},
        error::ApiError,
        guard::{author, require},
        identity::link::IdentityLink,
        relay::{
            connection::{connection, int},
            paging::{PageArgs, Paging},
        },
        scalars::{BigInt, DateTime},
        services::ContextExt,
        statement::Statement,
        user_error::{UserError, UserErrorCode},
    },
    sync::{ChosenGroup, RemovalSelection},
};

/// Name of the list in its cursors.
const LIST: &str = "heldRemovals";

/// So many records may be named in one decision.
const MOST_NAMED: usize = 1_000;

/// So many groups may be.
const MOST_GROUPS: usize = 100;

/// Where a held removal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "directory::HeldState")]
pub enum HeldState {
    /// It waits for a decision; meanwhile the record is served as before.
    Pending,
    /// The record was kept by decision. The removal isn't held again until DingTalk has shown the record again.
    Rejected,
}

/// Links that one held removal shows.
const LINKS: usize = 100;

/// A removal that waits for approval.
#[derive(Clone)]
pub struct HeldRemoval {
    removal: directory::HeldRemoval,
    queued_messages: u64,
    snapshot: Arc<Snapshot>,
}

/// A record that DingTalk says is gone, beyond the limits of what is removed without approval. It withdraws itself when
/// the record is seen again.
#[Object]
impl HeldRemoval {
    /// Department or user.
    async fn entity(&self) -> EntityKind {
        self.removal.record.kind().into()
    }

    /// The `deptId` or `userId`.
    async fn entity_id(&self) -> String {
        self.removal.record.id_text()
    }

    /// The user, if it is one.
    async fn user(&self) -> Option<User> {
        User::find(&self.snapshot, self.removal.record.user()?.as_str())
    }

    /// The department, if it is one.
    async fn department(&self) -> Option<Department> {
        Department::find(&self.snapshot, self.removal.record.department()?)
    }

    /// What it can be decided with: the topmost removed department above it, or else the person's first department.
    async fn under(&self) -> Option<Department> {
        Department::find(&self.snapshot, self.removal.department?)
    }

    /// Why the record would be gone.
    async fn cause(&self) -> GoneCause {
        self.removal.cause.into()
    }

    /// Where it stands.
    async fn state(&self) -> HeldState {
        self.removal.state.into()
    }

    /// Which limit held it.
    async fn reason(&self) -> String {
        self.removal.reason.to_string()
    }

    /// The reason as data.
    async fn reason_statement(&self) -> Statement {
        (&self.removal.reason).into()
    }

    /// Messages that still wait to be sent to the person.
    async fn queued_messages(&self) -> i32 {
        int(self.queued_messages)
    }

    /// Links by hand that lead to the person: while they are gone they are not followed. The first 100. Needs
    /// `identity:read`.
    async fn links(&self, ctx: &Context<'_>) -> Option<Result<Vec<IdentityLink>, ApiError>> {
        if let Err(error) = require(ctx, Permission::IdentityRead) {
            return Some(Err(error));
        }

        let links = ctx.services().identities.links.current();
        let person = self.removal.record.user().into_iter();
        let links = person.flat_map(|userid| links.of_user(userid.as_str())).take(LINKS);
        let shown = links.map(|link| IdentityLink {
            snapshot: self.snapshot.clone(),
            link: link.clone(),
        });
        Some(Ok(shown.collect()))
    }

    /// When it was held.
    async fn held_at(&self) -> DateTime {
        self.removal.held_at.into()
    }

    /// When it was rejected.
    async fn decided_at(&self) -> Option<DateTime> {
        self.removal.decided_at.map(Into::into)
    }

    /// Who rejected it.
    async fn decided_by(&self) -> Option<&str> {
        self.removal.decided_by.as_deref()
    }
}

connection! {
    /// A page of held removals.
    HeldRemovalConnection, HeldRemovalEdge, HeldRemoval, i32, |this, _ctx| Ok(this.extra)
}

/// A group of held removals, as `heldRemovalGroups` has them.
#[derive(Debug, Clone, Copy, InputObject)]
pub struct HeldRemovalGroupInput {
    /// What they can be decided with (`under`); null or absent: those that stand under no department.
    dept_id: Option<BigInt>,
    /// Why the records would be gone; null or absent: for whatever cause.
    cause: Option<GoneCause>,
}

impl From<HeldRemovalGroupInput> for ChosenGroup {
    fn from(group: HeldRemovalGroupInput) -> Self {
        Self {
            department: group.dept_id.map(|id| DeptId(id.0)),
            cause: group.cause.map(Into::into),
        }
    }
}

/// Which of the removals that wait. Give exactly one of `all`, `deptId`, `groups`, and the lists of people and
/// departments together.
#[derive(Debug, InputObject)]
pub struct DecideRemovalsInput {
    /// All that wait.
    all: Option<bool>,
    /// Those of this department and all below it: the departments, and the people in them.
    dept_id: Option<BigInt>,
    /// These people, by `userId`; at most 1,000.
    user_ids: Option<Vec<String>>,
    /// These departments; at most 1,000.
    dept_ids: Option<Vec<BigInt>>,
    /// Those of these groups, and nobody else; at most 100.
    groups: Option<Vec<HeldRemovalGroupInput>>,
    /// Of all these only what was held by then, say the `newestHeldAt` of the group that you looked at: what came since
    /// waits for another decision.
    held_until: Option<DateTime>,
    /// Comes back unchanged in the payload.
    client_mutation_id: Option<String>,
}

/// What came of a decision.
#[derive(Default, SimpleObject)]
pub struct DecideRemovalsPayload {
    /// How many waiting removals were carried out, or rejected.
    decided: i32,
    /// Of an approval: how many were withdrawn instead, because DingTalk has the records again when it is asked.
    back: i32,
    /// Of an approval: how many wait on. Where `userErrors` says nothing, they are more than could be asked for in
    /// time, and are gone on with in the background, for as long as this process lives; those that could not be read
    /// then wait for another approval. `heldRemovals` shows what waits.
    remaining: i32,
    /// The mirror's revision that it made; null where nothing waited.
    revision: Option<BigInt>,
    /// What is wrong with the input, or why DingTalk could not be asked whether the records are still gone.
    user_errors: Vec<UserError>,
    /// As it was given.
    client_mutation_id: Option<String>,
}

/// Queries for held removals.
#[derive(Default)]
pub struct HeldRemovalQuery;

#[allow(clippy::too_many_arguments, reason = "a connection's own, and the library's")]
#[Object]
impl HeldRemovalQuery {
    /// Removals that wait for approval, because more would go at once than the limits allow; those that were rejected,
    /// too. Needs `directory:read`.
    #[graphql(tag = "asks")]
    async fn held_removals(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the front, 1 to 500; 50 if neither `first` nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only those behind this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 500.")] last: Option<i32>,
        #[graphql(desc = "Only those in front of this cursor.")] before: Option<String>,
        #[graphql(desc = "Only those in this state.")] state: Option<HeldState>,
        #[graphql(desc = "Only those of this group.")] group: Option<HeldRemovalGroupInput>,
    ) -> Option<Result<HeldRemovalConnection, ApiError>> {
        Some(held_removals(ctx, &PageArgs::new(first, after, last, before), state, group).await)
    }
}

async fn held_removals(
    ctx: &Context<'_>,
    args: &PageArgs,
    state: Option<HeldState>,
    group: Option<HeldRemovalGroupInput>,
) -> Result<HeldRemovalConnection, ApiError> {
    require(ctx, Permission::DirectoryRead)?;
    let paging = Paging::<String>::new(LIST, args, 50)?;
    let services = ctx.services();
    let snapshot = ctx.snapshot();

    let mut held = services.store.held_removals().await?;
    let group = group.map(ChosenGroup::from);
    held.retain(|it| state.is_none_or(|state| HeldState::from(it.state) == state));
    held.retain(|it| group.is_none_or(|group| group.has(it)));
    // The database may have another order of letters than the cursor, which is compared byte by byte.
    held.sort_by_cached_key(key);
    let total = int(held.len());

    let page = paging
        .page_of(held.iter(), |it| key(it))
        .map(directory::HeldRemoval::clone);
    let users: Vec<UserId> = page.items.iter().filter_map(|it| it.record.user().cloned()).collect();
    let queued = services.store.queued_for(&users).await?;
    let page = page.map(|removal| HeldRemoval {
        queued_messages: queued.get(removal.record.id_text().as_str()).copied().unwrap_or(0),
        removal,
        snapshot: snapshot.clone(),
    });

    Ok(HeldRemovalConnection {
        listing: paging.listing(page, |it| key(&it.removal)),
        extra: total,
    })
}

/// The list's order: departments first, then people, by id as text.
fn key(removal: &directory::HeldRemoval) -> String {
    match &removal.record {
        RecordId::Department(id) => format!("d{id}"),
        RecordId::User(id) => format!("u{id}"),
    }
}

/// Deciding held removals.
#[derive(Default)]
pub struct HeldRemovalMutation;

#[Object]
impl HeldRemovalMutation {
    /// Carries held removals out: the records are GONE, kept and restorable. DingTalk is asked for each of them first:
    /// whoever is there again is withdrawn, and whoever can't be asked for waits on. Needs `sync:run`.
    #[graphql(tag = "asks")]
    async fn approve_removals(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones.")] input: DecideRemovalsInput,
    ) -> Option<Result<DecideRemovalsPayload, ApiError>> {
        Some(decide(ctx, input, Decision::Approve).await)
    }

    /// Keeps the records although DingTalk says that they are gone, until they are seen again. Needs `sync:run`.
    async fn reject_removals(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones.")] input: DecideRemovalsInput,
    ) -> Option<Result<DecideRemovalsPayload, ApiError>> {
        Some(decide(ctx, input, Decision::Reject).await)
    }
}

async fn decide(
    ctx: &Context<'_>,
    input: DecideRemovalsInput,
    decision: Decision,
) -> Result<DecideRemovalsPayload, ApiError> {
    let by = author(ctx, Permission::SyncRun)?;
    let client_mutation_id = input.client_mutation_id.clone();
    let waiting = match which(input) {
        Ok(waiting) => waiting,
        Err(error) => {
            return Ok(DecideRemovalsPayload {
                user_errors: vec![error],
                client_mutation_id,
                ..DecideRemovalsPayload::default()
            });
        }
    };

    let sync = &ctx.services().sync;
    let decided = sync.decide_removals(&waiting, decision, by).await?;
    let trouble = decided
        .trouble
        .map(|why| UserError::at::<&str>(UserErrorCode::Upstream, [], said::STILL_GONE_UNASKED { why }));

    Ok(DecideRemovalsPayload {
        decided: int(decided.removals.len()),
        back: int(decided.back.len()),
        remaining: int(decided.remaining.len()),
        revision: decided.revision.map(BigInt),
        user_errors: trouble.into_iter().collect(),
        client_mutation_id,
    })
}

fn which(input: DecideRemovalsInput) -> Result<RemovalSelection, UserError> {
    let (users, departments) = (input.user_ids.unwrap_or_default(), input.dept_ids.unwrap_or_default());
    let groups = input.groups.unwrap_or_default();
    for (field, named, most) in [
        ("userIds", users.len(), MOST_NAMED),
        ("deptIds", departments.len(), MOST_NAMED),
        ("groups", groups.len(), MOST_GROUPS),
    ] {
        if named > most {
            let message = said::REMOVALS_TOO_MANY_NAMED { count: named, most };
            return Err(UserError::at(UserErrorCode::TooLong, [field], message));
        }
    }

    let users = users.into_iter().map(|id| RecordId::User(id.into()));
    let departments = departments.into_iter().map(|id| RecordId::Department(DeptId(id.0)));
    let records: Vec<_> = users.chain(departments).collect();
    let groups: Vec<ChosenGroup> = groups.into_iter().map(Into::into).collect();

    let which = match (
        input.all.unwrap_or(false),
        input.dept_id,
        records.is_empty(),
        groups.is_empty(),
    ) {
        (true, None, true, true) => RemovalSelection::All,
        (false, Some(id), true, true) => RemovalSelection::Subtree(DeptId(id.0)),
        (false, None, false, true) => RemovalSelection::Records(records),
        (false, None, true, false) => RemovalSelection::Groups(groups),
        _ => {
            return Err(UserError::at::<&str>(
                UserErrorCode::Required,
                [],
                said::REMOVALS_NAMED_WRONG {},
            ));
        }
    };
    Ok(match input.held_until {
        Some(until) => RemovalSelection::HeldUntil(until.into(), Box::new(which)),
        None => which,
    })
}
