//! Removals that wait for approval, in the groups in which they are decided.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use async_graphql::{Context, Object};
use uuid::Uuid;

use super::held_removals::HeldState;
use crate::{
    auth::Permission,
    directory::{self, HeldGroup, Snapshot, UserId, held_groups},
    graphql::{
        directory::objects::Department,
        enums::GoneCause,
        error::ApiError,
        guard::require,
        relay::{
            connection::{connection, int},
            paging::{PageArgs, Paging},
        },
        scalars::{BigInt, DateTime},
        services::{ContextExt, Services},
        statement::Statement,
    },
    store::StoreError,
    word::word,
};

/// Name of the list in its cursors.
const LIST: &str = "heldRemovalGroups";

/// Held removals that are decided together.
#[derive(Clone)]
pub struct HeldRemovalGroup {
    group: Arc<HeldGroup>,
    queued_messages: usize,
    snapshot: Arc<Snapshot>,
}

/// Held removals that can be decided with one department, for one cause: what would go, and what depends on it.
#[Object]
impl HeldRemovalGroup {
    /// What they can be decided with; null where the mirror has no such department.
    async fn under(&self) -> Option<Department> {
        Department::find(&self.snapshot, self.group.key.department?)
    }

    /// Its `deptId`: with `cause` it names the group, for `heldRemovals`, `approveRemovals` and `rejectRemovals`. Null:
    /// they stand under no department.
    async fn dept_id(&self) -> Option<BigInt> {
        self.group.key.department.map(|id| BigInt(id.0))
    }

    /// Why the records would be gone.
    async fn cause(&self) -> GoneCause {
        self.group.key.cause.into()
    }

    /// Where they stand.
    async fn state(&self) -> HeldState {
        self.group.state.into()
    }

    /// How many people.
    async fn users(&self) -> i32 {
        int(self.group.users.len())
    }

    /// How many departments.
    async fn departments(&self) -> i32 {
        int(self.group.departments.len())
    }

    /// Messages that still wait to be sent to anybody of them, each once.
    async fn queued_messages(&self) -> i32 {
        int(self.queued_messages)
    }

    /// Links by hand that lead to these people: while they are gone they are not followed. Needs `identity:read`.
    async fn links(&self, ctx: &Context<'_>) -> Option<Result<i32, ApiError>> {
        if let Err(error) = require(ctx, Permission::IdentityRead) {
            return Some(Err(error));
        }

        let links = ctx.services().identities.links.current();
        let people = self.group.users.iter();
        let count: usize = people.map(|userid| links.of_user(userid.as_str()).count()).sum();
        Some(Ok(int(count)))
    }

    /// When the first of them was held.
    async fn oldest_held_at(&self) -> DateTime {
        self.group.oldest.into()
    }

    /// When the last of them was held: the `heldUntil` of a decision about what is counted here.
    async fn newest_held_at(&self) -> DateTime {
        self.group.newest.into()
    }

    /// Which limits held them, each sentence once.
    async fn reasons(&self) -> Vec<String> {
        self.group.reasons.iter().map(ToString::to_string).collect()
    }

    /// The reasons as data.
    #[graphql(tag = "items:1")]
    async fn reason_statements(&self) -> Vec<Statement> {
        self.group.reasons.iter().map(Into::into).collect()
    }
}

connection! {
    /// A page of groups of held removals.
    HeldRemovalGroupConnection, HeldRemovalGroupEdge, HeldRemovalGroup, i32, |this, _ctx| Ok(this.extra)
}

/// Queries for groups of held removals.
#[derive(Default)]
pub struct HeldGroupQuery;

#[Object]
impl HeldGroupQuery {
    /// Held removals in groups, by what they can be decided with (`under`) and by cause: who and what would go, and
    /// what depends on them. Needs `directory:read`.
    #[graphql(tag = "asks")]
    async fn held_removal_groups(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the front, 1 to 500; 50 if neither `first` nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only those behind this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 500.")] last: Option<i32>,
        #[graphql(desc = "Only those in front of this cursor.")] before: Option<String>,
        #[graphql(
            desc = "Only removals in this state; null: in any.",
            default_with = "Some(HeldState::Pending)"
        )]
        state: Option<HeldState>,
    ) -> Option<Result<HeldRemovalGroupConnection, ApiError>> {
        Some(held_removal_groups(ctx, &PageArgs::new(first, after, last, before), state).await)
    }
}

async fn held_removal_groups(
    ctx: &Context<'_>,
    args: &PageArgs,
    state: Option<HeldState>,
) -> Result<HeldRemovalGroupConnection, ApiError> {
    require(ctx, Permission::DirectoryRead)?;
    let paging = Paging::<String>::new(LIST, args, 50)?;
    let services = ctx.services();
    let snapshot = ctx.snapshot();

    let mut held = services.store.held_removals().await?;
    held.retain(|it| state.is_none_or(|state| HeldState::from(it.state) == state));
    let mut groups: Vec<Arc<HeldGroup>> = held_groups(&held).into_iter().map(Arc::new).collect();
    groups.sort_by_cached_key(|it| key(it));
    let total = int(groups.len());

    let page = paging.page_of(groups.iter(), |it| key(it));
    let waiting = waiting_messages(services, &page.items).await?;
    let mut waiting = waiting.into_iter();
    let page = page.map(|group| HeldRemovalGroup {
        group: group.clone(),
        queued_messages: waiting.next().unwrap_or_default(),
        snapshot: snapshot.clone(),
    });

    Ok(HeldRemovalGroupConnection {
        listing: paging.listing(page, |it| key(&it.group)),
        extra: total,
    })
}

/// How many messages wait for anybody of each group.
async fn waiting_messages(services: &Services, groups: &[&Arc<HeldGroup>]) -> Result<Vec<usize>, StoreError> {
    let members = groups.iter().enumerate();
    let members = members.flat_map(|(at, group)| group.users.iter().map(move |id| (at, id)));
    let (group_of, users): (Vec<usize>, Vec<&UserId>) = members.unzip();

    // Two people of a group may wait for one message.
    let mut messages: HashMap<usize, HashSet<Uuid>> = HashMap::new();
    for (person, message) in services.store.waiting_for(&users).await? {
        messages.entry(group_of[person]).or_default().insert(message);
    }
    let count = |at| messages.get(&at).map_or(0, HashSet::len);
    Ok((0..groups.len()).map(count).collect())
}

/// The list's order: by department, then by cause and state. Those under no department stand first.
fn key(group: &HeldGroup) -> String {
    let directory::HeldGroupKey { department, cause } = group.key;
    let department = department.map_or(0, |id| id.0);
    format!("{department:020}/{}/{}", word(&cause), word(&group.state))
}
