//! A department and what hangs on it.

use async_graphql::{Context, ID, Object};

use super::{
    department_list::{self, DepartmentConnection},
    membership::{self, MembershipConnection},
    objects::{Department, User},
};
use crate::graphql::{
    admission::list_cost,
    enums::{GoneCause, RecordState},
    error::ApiError,
    guard::{WHOLE_OBJECT, visible_with},
    relay::{
        connection::int,
        ids::{NodeKind, global_id},
    },
    scalars::{BigInt, DateTime, Json},
    services::ContextExt,
};

/// A department (部门) of the company; the root, `deptId` 1, is the company itself. Fields that DingTalk did not say are
/// null.
#[Object]
impl Department {
    /// Global id, for `node`.
    pub(crate) async fn id(&self) -> ID {
        global_id(NodeKind::Department, self.key())
    }

    /// DingTalk's `dept_id`.
    async fn dept_id(&self) -> BigInt {
        BigInt(self.record.facts.dept_id.0)
    }

    /// The name; of the root: the company's. Not unique.
    async fn name(&self) -> &str {
        &self.record.facts.name
    }

    /// `deptId` of the parent; null at the root. It may be a department that the app can't see.
    async fn parent_id(&self) -> Option<BigInt> {
        self.record.facts.parent_id.map(|id| BigInt(id.0))
    }

    /// The parent, where the mirror has it; of a department that is gone the last one.
    async fn parent(&self) -> Option<Department> {
        Department::find(&self.snapshot, self.snapshot.parent(self.key())?)
    }

    /// DingTalk's `order` among its siblings: small ones come first.
    async fn order(&self) -> Option<BigInt> {
        self.record.facts.order.map(BigInt)
    }

    /// Steps from the top of the visible tree, which is 0; of a department that is gone as it was.
    async fn level(&self) -> i32 {
        int(self.snapshot.level(self.key()))
    }

    /// Whether there are departments directly below.
    async fn has_children(&self) -> bool {
        !self.snapshot.children(self.key()).is_empty()
    }

    /// How many departments are directly below.
    async fn child_count(&self) -> i32 {
        int(self.snapshot.children(self.key()).len())
    }

    /// How many people are directly in it.
    async fn member_count(&self) -> i32 {
        int(self.snapshot.members(self.key()).len())
    }

    /// How many people are in it and below it, each counted once.
    async fn total_member_count(&self) -> i32 {
        int(self.snapshot.total_members(self.key()))
    }

    /// The departments directly below, in DingTalk's order.
    #[graphql(complexity = "list_cost(first.unwrap_or(100), child_complexity)")]
    async fn children(
        &self,
        #[graphql(desc = "How many, 1 to 500.", default = 100)] first: Option<i32>,
        #[graphql(desc = "Only those behind this cursor.")] after: Option<String>,
    ) -> Option<Result<DepartmentConnection, ApiError>> {
        Some(department_list::children(self, first.unwrap_or(100), after.as_deref()))
    }

    /// Everything below as one flat list, in pre-order: a department stands before its children, siblings in DingTalk's
    /// order. `level` and `parentId` of the items tell the tree.
    #[graphql(complexity = "list_cost(first.unwrap_or(100), child_complexity)")]
    async fn descendants(
        &self,
        #[graphql(desc = "Steps down at most; null: to the bottom.")] depth: Option<i32>,
        #[graphql(desc = "How many, 1 to 500.", default = 100)] first: Option<i32>,
        #[graphql(desc = "Only those behind this cursor.")] after: Option<String>,
    ) -> Option<Result<DepartmentConnection, ApiError>> {
        Some(department_list::descendants(
            self,
            depth,
            first.unwrap_or(100),
            after.as_deref(),
        ))
    }

    /// The path to it: from the top of the visible tree down to the parent.
    #[graphql(complexity = "list_cost(10, child_complexity)")]
    async fn ancestors(&self) -> Vec<Department> {
        let path = self.snapshot.ancestors(self.key());
        path.into_iter()
            .filter_map(|id| Department::find(&self.snapshot, id))
            .collect()
    }

    /// The people directly in it, in DingTalk's order.
    #[graphql(complexity = "list_cost(first.unwrap_or(50), child_complexity)")]
    async fn members(
        &self,
        #[graphql(desc = "How many, 1 to 500.", default = 50)] first: Option<i32>,
        #[graphql(desc = "Only those behind this cursor.")] after: Option<String>,
    ) -> Option<Result<MembershipConnection, ApiError>> {
        Some(membership::of_department(self, first.unwrap_or(50), after.as_deref()))
    }

    /// Its managers (`dept_manager_userid_list`), as far as the mirror has them. Whoever has left is none, though
    /// DingTalk may name them until somebody changes the department.
    #[graphql(complexity = "list_cost(5, child_complexity)")]
    async fn managers(&self) -> Vec<User> {
        let ids = self.record.facts.manager_userids.iter();
        let found = ids.filter_map(|id| User::find(&self.snapshot, id.as_str()));
        found.filter(|user| user.record.standing.is_present()).collect()
    }

    /// Whether people don't see it in the directory (`hide_dept`).
    async fn hide_dept(&self) -> Option<bool> {
        self.record.facts.hide_dept
    }

    /// Whether its members see a restricted directory (`outer_dept`).
    async fn outer_dept(&self) -> Option<bool> {
        self.record.facts.outer_dept
    }

    /// Whether it has a group chat of its own (`create_dept_group`).
    async fn create_dept_group(&self) -> Option<bool> {
        self.record.facts.create_dept_group
    }

    /// Whether new members join that chat by themselves (`auto_add_user`).
    async fn auto_add_user(&self) -> Option<bool> {
        self.record.facts.auto_add_user
    }

    /// Id of its group chat.
    async fn dept_group_chat_id(&self) -> Option<&str> {
        self.record.facts.dept_group_chat_id.as_deref()
    }

    /// A short description.
    async fn brief(&self) -> Option<&str> {
        self.record.facts.brief.as_deref()
    }

    /// The id that another system gave it (`source_identifier`).
    async fn source_identifier(&self) -> Option<&str> {
        self.record.facts.source_identifier.as_deref()
    }

    /// Whether it still stands in the company.
    async fn state(&self) -> RecordState {
        self.record.standing.state.into()
    }

    /// Why it is gone, or, while HELD, would be once that is approved; null while ACTIVE.
    async fn gone_cause(&self) -> Option<GoneCause> {
        self.record.standing.cause.map(Into::into)
    }

    /// The mirror's revision that last changed it.
    async fn revision(&self) -> BigInt {
        BigInt(self.record.standing.revision)
    }

    /// When the mirror first saw it.
    async fn first_seen(&self) -> DateTime {
        self.record.standing.first_seen.into()
    }

    /// When the mirror saw it at the time of its last change.
    async fn last_seen(&self) -> DateTime {
        self.record.standing.last_seen.into()
    }

    /// When DingTalk last said what the mirror has of it: by a complete sync, or by an event that changed something.
    async fn last_verified_at(&self, ctx: &Context<'_>) -> DateTime {
        let verification = ctx.services().sync.verification();
        verification.of_department(&self.record).into()
    }

    /// DingTalk's whole object, as it came. Needs `directory:read` and `directory:contact`, for it has what either
    /// opens.
    async fn raw(&self, ctx: &Context<'_>) -> Option<Result<Json, ApiError>> {
        visible_with(ctx, &WHOLE_OBJECT, || Some(Json(self.record.facts.raw.value())))
    }
}
