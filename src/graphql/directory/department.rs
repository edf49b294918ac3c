//! A department and what hangs on it.

use async_graphql::{Context, ID};

use super::{
    change_list::{self, ChangeConnection, ChangeOrder},
    department_list::{self, DepartmentConnection},
    filter::{DepartmentFilter, UserFilter},
    membership::{self, MemberArgs, MembershipConnection},
    objects::{Department, User},
    order::{DepartmentOrder, UserOrder},
    reports,
};
use crate::directory::RecordId;
use crate::graphql::{
    enums::{GoneCause, RecordState},
    error::ApiError,
    relay::{connection::int, paging::PageArgs},
    scalars::{BigInt, DateTime, Json},
    services::ContextExt,
    walk::{WalkContext, walked},
};

walked! {
    /// A department (部门) of the company; the root, `deptId` 1, is the company itself. Fields that DingTalk did not say
    /// are null.
    type Department = Department;

    /// Global id, for `node`.
    fn id(&self) -> ID {
        self.global_id()
    }

    /// DingTalk's `dept_id`.
    fn dept_id(&self) -> BigInt {
        BigInt(self.record.facts.dept_id.0)
    }

    /// The name; of the root: the company's. Not unique.
    fn name(&self) -> &str {
        &self.record.facts.name
    }

    /// `deptId` of the parent; null at the root. It may be a department that the app can't see.
    fn parent_id(&self) -> Option<BigInt> {
        self.record.facts.parent_id.map(|id| BigInt(id.0))
    }

    /// The parent, where the mirror has it; of a department that is gone the last one.
    fn parent(&self) -> Option<Department> {
        Department::find(&self.snapshot, self.snapshot.parent(self.key())?)
    }

    /// DingTalk's `order` among its siblings: small ones come first.
    fn order(&self) -> Option<BigInt> {
        self.record.facts.order.map(BigInt)
    }

    /// Steps from the top of the visible tree, which is 0; of a department that is gone as it was.
    fn level(&self) -> i32 {
        int(self.snapshot.level(self.key()))
    }

    /// Whether there are departments directly below.
    fn has_children(&self) -> bool {
        !self.snapshot.children(self.key()).is_empty()
    }

    /// How many departments are directly below.
    fn child_count(&self) -> i32 {
        int(self.snapshot.children(self.key()).len())
    }

    /// How many people are directly in it.
    fn member_count(&self) -> i32 {
        int(self.snapshot.members(self.key()).len())
    }

    /// How many people are in it and below it, each counted once.
    fn total_member_count(&self) -> i32 {
        int(self.snapshot.total_members(self.key()))
    }

    /// The departments directly below, in DingTalk's order or the one asked.
    #[tags("heavy:filter", "heavy:orderBy")]
    fn children(
        &self,
        ctx: &WalkContext<'_>,
        #[desc("Which ones; without it all that are not gone.")] filter: Option<DepartmentFilter>,
        #[desc("In which order; without it DINGTALK.")] order_by: Option<DepartmentOrder>,
        #[desc("How many from the front, 1 to 500; 100 if neither `first` nor `last` is given.")] first: Option<i32>,
        #[desc("Only those behind this cursor.")] after: Option<String>,
        #[desc("How many from the end, 1 to 500.")] last: Option<i32>,
        #[desc("Only those in front of this cursor.")] before: Option<String>,
    ) -> Option<Result<DepartmentConnection, ApiError>> {
        let page = PageArgs::new(first, after, last, before);
        Some(department_list::children(ctx, self, filter, order_by.as_ref(), &page))
    }

    /// Everything below as one flat list, in pre-order: a department stands before its children, siblings in DingTalk's
    /// order. `level` and `parentId` of the items tell the tree.
    fn descendants(
        &self,
        #[desc("Steps down at most; null: to the bottom.")] depth: Option<i32>,
        #[desc("How many from the front, 1 to 500; 100 if neither `first` nor `last` is given.")] first: Option<i32>,
        #[desc("Only those behind this cursor.")] after: Option<String>,
        #[desc("How many from the end, 1 to 500.")] last: Option<i32>,
        #[desc("Only those in front of this cursor.")] before: Option<String>,
    ) -> Option<Result<DepartmentConnection, ApiError>> {
        let page = PageArgs::new(first, after, last, before);
        Some(department_list::descendants(self, depth, &page))
    }

    /// The path to it: from the top of the visible tree down to the parent.
    #[tags("items:10")]
    fn ancestors(&self) -> Vec<Department> {
        let path = self.snapshot.ancestors(self.key());
        path.into_iter()
            .filter_map(|id| Department::find(&self.snapshot, id))
            .collect()
    }

    /// The path to it with itself: from the top of the visible tree down.
    #[tags("items:10")]
    fn path(&self) -> Vec<Department> {
        reports::path(self)
    }

    /// The people directly in it, in DingTalk's order or the one asked.
    #[tags("heavy:filter", "heavy:orderBy")]
    fn members(
        &self,
        ctx: &WalkContext<'_>,
        #[desc(
            "Also those of every department below it, each person once: in the first department, as `descendants` has them, that they are in."
        )]
        include_subtree: Option<bool>,
        #[desc("Who of them; those who are gone are members of nothing.")] filter: Option<UserFilter>,
        #[desc("In which order; without it DINGTALK.")] order_by: Option<UserOrder>,
        #[desc("How many from the front, 1 to 500; 50 if neither `first` nor `last` is given.")] first: Option<i32>,
        #[desc("Only those behind this cursor.")] after: Option<String>,
        #[desc("How many from the end, 1 to 500.")] last: Option<i32>,
        #[desc("Only those in front of this cursor.")] before: Option<String>,
    ) -> Option<Result<MembershipConnection, ApiError>> {
        let asked = MemberArgs {
            include_subtree: include_subtree.unwrap_or_default(),
            filter,
            order_by,
        };
        let page = PageArgs::new(first, after, last, before);
        Some(membership::of_department(ctx, self, asked, &page))
    }

    /// Its managers (`dept_manager_userid_list`), as far as the mirror has them. Whoever has left is none, though
    /// DingTalk may name them until somebody changes the department.
    #[tags("items:5")]
    fn managers(&self) -> Vec<User> {
        let ids = self.record.facts.manager_userids.iter();
        let found = ids.filter_map(|id| User::find(&self.snapshot, id.as_str()));
        found.filter(|user| user.record.standing.is_present()).collect()
    }

    /// Whether people don't see it in the directory (`hide_dept`).
    fn hide_dept(&self) -> Option<bool> {
        self.record.facts.hide_dept
    }

    /// Whether its members see a restricted directory (`outer_dept`).
    fn outer_dept(&self) -> Option<bool> {
        self.record.facts.outer_dept
    }

    /// Whether it has a group chat of its own (`create_dept_group`).
    fn create_dept_group(&self) -> Option<bool> {
        self.record.facts.create_dept_group
    }

    /// Whether new members join that chat by themselves (`auto_add_user`).
    fn auto_add_user(&self) -> Option<bool> {
        self.record.facts.auto_add_user
    }

    /// Id of its group chat.
    fn dept_group_chat_id(&self) -> Option<&str> {
        self.record.facts.dept_group_chat_id.as_deref()
    }

    /// A short description.
    fn brief(&self) -> Option<&str> {
        self.record.facts.brief.as_deref()
    }

    /// The id that another system gave it (`source_identifier`).
    fn source_identifier(&self) -> Option<&str> {
        self.record.facts.source_identifier.as_deref()
    }

    /// Whether it still stands in the company.
    fn state(&self) -> RecordState {
        self.record.standing.state.into()
    }

    /// Why it is gone, or, while HELD, would be once that is approved; null while ACTIVE.
    fn gone_cause(&self) -> Option<GoneCause> {
        self.record.standing.cause.map(Into::into)
    }

    /// The mirror's revision that last changed it.
    fn revision(&self) -> BigInt {
        BigInt(self.record.standing.revision)
    }

    /// When the mirror first saw it.
    fn first_seen(&self) -> DateTime {
        self.record.standing.first_seen.into()
    }

    /// When the mirror saw it at the time of its last change.
    fn last_seen(&self) -> DateTime {
        self.record.standing.last_seen.into()
    }

    /// When DingTalk last said what the mirror has of it: by a complete sync, or by an event that changed something. As
    /// of the past: when it had changed last by then.
    fn last_verified_at(&self, ctx: &WalkContext<'_>) -> DateTime {
        self.verified_at(ctx.services()).into()
    }

    /// DingTalk's whole object, as it came; null as of the past, where it has changed since. Needs `directory:read` and
    /// `directory:contact`, for it has what either opens.
    #[needs(DirectoryRead, DirectoryContact)]
    fn raw(&self) -> Option<Json> {
        Some(Json(self.record.facts.raw.value()))
    }

    waits
    /// What the change feed has about it, oldest first; as of the past, too, all of it up to now. Needs
    /// `directory:read`.
    #[tags("asks")]
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[desc("How many from the front, 1 to 500; 20 if neither `first` nor `last` is given.")] first: Option<i32>,
        #[desc("Only those behind this cursor.")] after: Option<String>,
        #[desc("How many from the end, 1 to 500.")] last: Option<i32>,
        #[desc("Only those in front of this cursor.")] before: Option<String>,
        #[desc("In which order.")] #[default(ChangeOrder::OldestFirst)] order_by: Option<ChangeOrder>,
    ) -> Option<Result<ChangeConnection, ApiError>> {
        let args = PageArgs::new(first, after, last, before);
        Some(change_list::of_record(ctx, RecordId::Department(self.key()), order_by, &args).await)
    }
}
