//! Who would fall out of the mirror, were other departments selected.

use std::sync::Arc;

use async_graphql::{Context, MaybeUndefined, Object};

use super::patch::department_ids;
use crate::{
    auth::Permission,
    directory::{DepartmentSelection, Fallout, Snapshot, fallout},
    graphql::{
        directory::{
            department_list::{DepartmentConnection, listing},
            objects::User,
            user_connection::UserConnection,
        },
        error::ApiError,
        guard::require,
        relay::{
            connection::int,
            paging::{Counter, PageArgs, Paging},
        },
        scalars::BigInt,
        services::ContextExt,
        user_error::UserError,
    },
    problem::Problem,
    settings::check_departments,
};

/// Names of the lists in their cursors.
const DEPARTMENTS: &str = "departmentsFallingOut";
const USERS: &str = "usersFallingOut";

/// What a department selection would make of the mirror.
pub struct DepartmentSelectionPreview {
    snapshot: Arc<Snapshot>,
    found: Result<CheckedSelection, Vec<Problem>>,
}

/// What a selection that can be leads to.
struct CheckedSelection {
    selection: DepartmentSelection,
    fallout: Arc<Fallout>,
}

/// What a department selection would make of the mirror as it is now. Whoever falls out becomes GONE with the cause
/// OUT_OF_SCOPE at the next sync: kept, restored when selected again, and not taken for somebody who left.
#[Object]
impl DepartmentSelectionPreview {
    /// How many of the mirror's departments are selected; null where `userErrors` says why there is no preview.
    async fn selected_departments(&self) -> Option<i32> {
        let found = self.found.as_ref().ok()?;
        let count = self.snapshot.department_count();
        Some(int(count.saturating_sub(found.fallout.departments.len())))
    }

    /// How many of the mirror's people would stay, each counted once; null where `userErrors` says why there is no
    /// preview.
    async fn selected_users(&self) -> Option<i32> {
        let found = self.found.as_ref().ok()?;
        Some(int(self
            .snapshot
            .user_count()
            .saturating_sub(found.fallout.users.len())))
    }

    /// Named departments that the mirror doesn't have, or has as GONE: mistyped, not read yet, or not visible to the
    /// app.
    async fn unknown_departments(&self) -> Vec<BigInt> {
        let Ok(CheckedSelection { selection, .. }) = &self.found else {
            return Vec::new();
        };

        let is_present = |id| {
            let department = self.snapshot.department(id);
            department.is_some_and(|department| department.standing.is_present())
        };
        let named = selection.include.union(&selection.exclude);
        named.filter(|id| !is_present(**id)).map(|id| BigInt(id.0)).collect()
    }

    /// The departments that would fall out, by `deptId`; null where `userErrors` says why there is no preview.
    async fn departments_falling_out(
        &self,
        #[graphql(desc = "How many from the front, 1 to 500; 50 if neither `first` nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only those behind this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 500.")] last: Option<i32>,
        #[graphql(desc = "Only those in front of this cursor.")] before: Option<String>,
    ) -> Option<Result<DepartmentConnection, ApiError>> {
        let found = self.found.as_ref().ok()?;
        Some(self.departments(&found.fallout, &PageArgs::new(first, after, last, before)))
    }

    /// The people who would fall out, by `userId`: those who are in no selected department. Somebody who is in one
    /// selected department stays, and so does who is in none that the mirror has (authorised singly). Null where
    /// `userErrors` says why there is no preview.
    async fn users_falling_out(
        &self,
        #[graphql(desc = "How many from the front, 1 to 500; 50 if neither `first` nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only those behind this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 500.")] last: Option<i32>,
        #[graphql(desc = "Only those in front of this cursor.")] before: Option<String>,
    ) -> Option<Result<UserConnection, ApiError>> {
        let found = self.found.as_ref().ok()?;
        Some(self.users(&found.fallout, &PageArgs::new(first, after, last, before)))
    }

    /// What is wrong with the selection, all of it at once; `updateSettings` would refuse it for the same.
    async fn user_errors(&self) -> Vec<UserError> {
        let problems = self.found.as_ref().err().into_iter().flatten();
        problems.map(UserError::of_argument).collect()
    }
}

impl DepartmentSelectionPreview {
    fn departments(&self, fallout: &Arc<Fallout>, args: &PageArgs) -> Result<DepartmentConnection, ApiError> {
        // Sorted by the cursor's key, so that a page can be continued though the selection's outcome has changed since.
        let paging = Paging::<i64>::new(DEPARTMENTS, args, 50)?;
        let page = paging.page_of(fallout.departments.iter().map(|id| id.0), |id| *id);

        let count = fallout.departments.len();
        Ok(DepartmentConnection {
            listing: listing(&self.snapshot, &paging, page),
            extra: Counter::known(move || count),
        })
    }

    fn users(&self, fallout: &Arc<Fallout>, args: &PageArgs) -> Result<UserConnection, ApiError> {
        let paging = Paging::<String>::new(USERS, args, 50)?;
        let ids = fallout.users.iter().map(|id| id.to_string());
        let page = paging.page_of(ids, String::clone);
        let page = page.filter_map(|id| User::find(&self.snapshot, &id));
        let listing = paging.listing(page, |user: &User| user.record.facts.userid.clone());

        let count = fallout.users.len();
        Ok(UserConnection {
            listing,
            extra: Counter::known(move || count),
        })
    }
}

/// Queries for department selections.
#[derive(Default)]
pub struct SelectionQuery;

#[Object]
impl SelectionQuery {
    /// Who would fall out of the mirror, were these departments selected in the settings; nothing is changed. It is
    /// answered from the mirror: departments and people whom it doesn't have can't be shown, though a wider selection
    /// may bring them. Whoever falls out becomes GONE with the cause OUT_OF_SCOPE at the next sync: kept, restored when
    /// selected again, and not taken for somebody who left. Needs `settings:read` and `directory:read`.
    #[graphql(tag = "heavy")]
    async fn preview_department_selection(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "`deptId`s of the subtrees to mirror; empty or null: everything that the app may see; absent: as the settings have it."
        )]
        include_departments: MaybeUndefined<Vec<BigInt>>,
        #[graphql(
            desc = "`deptId`s of the subtrees to leave out; empty or null: none; absent: as the settings have it. The nearest named department decides."
        )]
        exclude_departments: MaybeUndefined<Vec<BigInt>>,
    ) -> Option<Result<DepartmentSelectionPreview, ApiError>> {
        let (include, exclude) = (department_ids(include_departments), department_ids(exclude_departments));
        Some(preview(ctx, include.as_deref(), exclude.as_deref()))
    }
}

fn preview(
    ctx: &Context<'_>,
    include: Option<&[i64]>,
    exclude: Option<&[i64]>,
) -> Result<DepartmentSelectionPreview, ApiError> {
    require(ctx, Permission::SettingsRead)?;
    require(ctx, Permission::DirectoryRead)?;

    let services = ctx.services();
    let (settings, snapshot) = (services.settings.current(), ctx.snapshot());
    let current = (&settings.include_departments, &settings.exclude_departments);
    let found = check_departments(current, include, exclude).map(|(include, exclude)| {
        let selection = DepartmentSelection::of_ids(&include, &exclude);
        let fallout = Arc::new(fallout(&snapshot, &selection));
        CheckedSelection { selection, fallout }
    });

    Ok(DepartmentSelectionPreview { snapshot, found })
}
