//! Lists of departments: all of them by filter, children, descendants.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object};

use super::{as_of, objects::Department};
use crate::{
    auth::Permission,
    directory::{self, DeptId, Snapshot},
    graphql::{
        admission::{filtering, list_cost},
        enums::RecordState,
        error::ApiError,
        guard::require,
        relay::{
            connection::Listing,
            ids::{NodeKind, key_of},
            paging::{Paging, counted, forwards},
            walked_connection::walked_connection,
        },
        scalars::{BigInt, DateTime},
    },
    page::Page,
};

/// Names of the lists in their cursors.
const ALL: &str = "departments";
const CHILDREN: &str = "children";
const DESCENDANTS: &str = "descendants";

walked_connection! {
    /// A page of departments.
    DepartmentConnection, DepartmentEdge, Department, counted
}

/// Which departments. All given conditions must hold.
#[derive(Debug, Clone, Default, InputObject)]
pub struct DepartmentFilter {
    /// Name or `deptId` contains this; case and width of letters don't matter.
    search: Option<String>,
    /// Directly below this department.
    parent_id: Option<BigInt>,
    /// This department and everything below it.
    subtree_of: Option<BigInt>,
    /// In one of these states; ACTIVE and HELD if not given or empty.
    states: Option<Vec<RecordState>>,
}

impl DepartmentFilter {
    /// Matching departments behind `after`, by `deptId`.
    fn matching<'a>(
        &'a self,
        snapshot: &'a Snapshot,
        after: Option<i64>,
    ) -> Box<dyn Iterator<Item = &'a Arc<directory::Department>> + 'a> {
        let wanted = folded(self.search.as_deref());
        Box::new(snapshot.departments().filter(move |department| {
            let id = department.facts.dept_id;
            after.is_none_or(|after| id.0 > after)
                && wanted
                    .as_ref()
                    .is_none_or(|text| snapshot.department_contains(id, text))
                && self
                    .parent_id
                    .is_none_or(|parent| snapshot.parent(id) == Some(DeptId(parent.0)))
                && self.subtree_of.is_none_or(|top| {
                    // One that is gone has no place in the tree: its last one counts.
                    if department.standing.is_present() {
                        snapshot.is_in_subtree(id, DeptId(top.0))
                    } else {
                        snapshot.was_in_subtree(id, DeptId(top.0))
                    }
                })
                && in_states(self.states.as_deref(), department.standing.state)
        }))
    }
}

/// A searched text as the snapshot compares it; blank text searches nothing.
pub(super) fn folded(search: Option<&str>) -> Option<String> {
    search.and_then(directory::fold_key).map(Into::into)
}

/// ACTIVE and HELD if nothing else was asked for.
pub(super) fn in_states(asked: Option<&[RecordState]>, state: directory::RecordState) -> bool {
    match asked {
        None | Some([]) => state != directory::RecordState::Gone,
        Some(states) => states.contains(&state.into()),
    }
}

/// The departments of a page.
pub(crate) fn listing(snapshot: &Arc<Snapshot>, paging: &Paging<i64>, page: Page<i64>) -> Listing<Department> {
    let page = page.filter_map(|id| Department::find(snapshot, DeptId(id)));
    paging.listing(page, |department| department.key())
}

/// The departments directly below `of`.
pub(crate) fn children(of: &Department, first: i32, after: Option<&str>) -> Result<DepartmentConnection, ApiError> {
    let paging = Paging::<i64>::new(CHILDREN, &forwards(first, after), 100)?;
    let (snapshot, id) = (of.snapshot.clone(), of.key());
    let page = paging.page_of_keys(snapshot.children(id).iter().map(|id| id.0))?;
    let listing = listing(&snapshot, &paging, page);
    Ok(DepartmentConnection {
        listing,
        extra: Arc::new(move || snapshot.children(id).len()),
    })
}

/// Everything below `of`, in pre-order, `depth` steps down at most.
pub(super) fn descendants(
    of: &Department,
    depth: Option<i32>,
    first: i32,
    after: Option<&str>,
) -> Result<DepartmentConnection, ApiError> {
    let depth = depth
        .map(|depth| u32::try_from(depth).map_err(|_| ApiError::bad_input("`depth` is negative: choose 0 or more")))
        .transpose()?;
    let paging = Paging::<i64>::new(DESCENDANTS, &forwards(first, after), 100)?;

    let (snapshot, id) = (of.snapshot.clone(), of.key());
    let page = paging.page_of_keys(snapshot.descendants(id, depth).map(|(id, _)| id.0))?;
    let listing = listing(&snapshot, &paging, page);

    Ok(DepartmentConnection {
        listing,
        extra: Arc::new(move || snapshot.descendants(id, depth).count()),
    })
}

/// Queries for departments.
#[derive(Default)]
pub struct DepartmentQuery;

#[Object]
impl DepartmentQuery {
    /// One department by `deptId` or by `id`; null where the mirror has none, gone ones included. Needs
    /// `directory:read`.
    #[graphql(
        tag = "heavy:asOf",
        complexity = "list_cost(1, child_complexity).saturating_add(filtering(as_of.is_some()))"
    )]
    async fn department(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "DingTalk's `dept_id`; \"1\" is the company.")] dept_id: Option<BigInt>,
        #[graphql(desc = "Global id.")] id: Option<ID>,
        #[graphql(
            desc = "As the mirror knew it at this moment, with all below, as far back as the change feed is kept."
        )]
        as_of: Option<DateTime>,
    ) -> Option<Result<Department, ApiError>> {
        department(ctx, dept_id, id, as_of).await.transpose()
    }

    /// The departments that match, by `deptId`. Needs `directory:read`.
    #[graphql(
        tag = "heavy:filter",
        tag = "heavy:asOf",
        complexity = "list_cost(first.unwrap_or(50), child_complexity).saturating_add(filtering(filter.is_some())).saturating_add(filtering(as_of.is_some()))"
    )]
    async fn departments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; without it all that are not gone.")] filter: Option<DepartmentFilter>,
        #[graphql(desc = "How many, 1 to 500.", default = 50)] first: Option<i32>,
        #[graphql(desc = "Only those behind this cursor.")] after: Option<String>,
        #[graphql(
            desc = "The list, and all below it, as the mirror knew it at this moment, as far back as the change feed is kept."
        )]
        as_of: Option<DateTime>,
    ) -> Option<Result<DepartmentConnection, ApiError>> {
        let filter = filter.unwrap_or_default();
        Some(departments(ctx, filter, first.unwrap_or(50), after.as_deref(), as_of).await)
    }
}

async fn department(
    ctx: &Context<'_>,
    dept_id: Option<BigInt>,
    id: Option<ID>,
    as_of: Option<DateTime>,
) -> Result<Option<Department>, ApiError> {
    require(ctx, Permission::DirectoryRead)?;
    let as_of = as_of::chosen(as_of, id.as_ref());

    let key = match (dept_id, id) {
        (Some(dept_id), None) => dept_id.0,
        (None, Some(id)) => key_of(&id, NodeKind::Department, "id")?,
        _ => {
            return Err(ApiError::bad_input(
                "`department` takes exactly one of `deptId` and `id`",
            ));
        }
    };

    Ok(Department::find(&as_of::snapshot(ctx, as_of).await?, DeptId(key)))
}

async fn departments(
    ctx: &Context<'_>,
    filter: DepartmentFilter,
    first: i32,
    after: Option<&str>,
    as_of: Option<DateTime>,
) -> Result<DepartmentConnection, ApiError> {
    require(ctx, Permission::DirectoryRead)?;
    let paging = Paging::<i64>::new(ALL, &forwards(first, after), 50)?;
    let snapshot = as_of::snapshot(ctx, as_of).await?;

    let found = filter.matching(&snapshot, paging.request.after);
    let page = paging.cut(found.map(|record| Department {
        snapshot: snapshot.clone(),
        record: record.clone(),
    }));
    let listing = paging.listing(page, |department| department.key());

    Ok(DepartmentConnection {
        listing,
        extra: Arc::new(move || filter.matching(&snapshot, None).count()),
    })
}
