//! Lists of departments: all of them by filter, children, descendants.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};

use super::{
    as_of,
    filter::{DepartmentFilter, Filtered},
    objects::{Department, SnapshotView},
    order::{DepartmentOrder, Order},
};
use crate::{
    auth::Permission,
    directory::{self, DepartmentList, DeptId, Snapshot},
    graphql::{
        error::ApiError,
        guard::require,
        relay::{
            connection::Listing,
            ids::{NodeKind, key_of},
            paging::{Counter, PageArgs, Paging},
            place::PlaceText,
            walked_connection::walked_connection,
        },
        scalars::{BigInt, DateTime},
        services::ContextExt,
    },
    page::Page,
};

/// Names of the lists in their cursors.
const ALL: &str = "departments";
const CHILDREN: &str = "children";
const DESCENDANTS: &str = "descendants";

walked_connection! {
    /// A page of departments.
    DepartmentConnection, DepartmentEdge, Department
}

/// The departments of a page.
pub(crate) fn listing(snapshot: &Arc<Snapshot>, paging: &Paging<i64>, page: Page<i64>) -> Listing<Department> {
    let snapshot = &SnapshotView::from(snapshot);
    let page = page.filter_map(|id| Department::find(snapshot, DeptId(id)));
    paging.listing(page, |department| department.key())
}

/// The departments directly below `of`.
pub(crate) fn children<'ctx>(
    ctx: &impl ContextExt<'ctx>,
    of: &Department,
    filter: Option<DepartmentFilter>,
    order_by: Option<&DepartmentOrder>,
    args: &PageArgs,
) -> Result<DepartmentConnection, ApiError> {
    let (snapshot, id) = (&of.snapshot, of.key());
    let list = DepartmentList {
        children_of: Some(id),
        filter: compiled(ctx, snapshot, filter)?,
    };
    match Order::of_departments(order_by, Order::DingTalk(false)) {
        order @ Order::DingTalk(descending) => {
            let paging = Paging::<PlaceText<directory::TreePlace>>::new(order.list(CHILDREN), args, 100)?;
            let page = list.children_page(snapshot, id, paging.places(), descending);
            let listing = paging.listing(departments_of(snapshot, page), move |it: &Department| {
                PlaceText(it.snapshot.tree_place(it.key(), Some(id)))
            });
            Ok(counted_by(snapshot, listing, list))
        }
        order @ Order::By(by, descending) => in_order(snapshot, (CHILDREN, 100), list, (order, by, descending), args),
    }
}

fn compiled<'ctx>(
    ctx: &impl ContextExt<'ctx>,
    snapshot: &Arc<Snapshot>,
    filter: Option<DepartmentFilter>,
) -> Result<Option<directory::DepartmentFilter>, ApiError> {
    let list = Filtered {
        snapshot,
        // Departments have neither email addresses nor mobile numbers.
        contact: false,
        searches: ctx.searches(),
    };
    filter.map(|filter| filter.compiled(list)).transpose()
}

/// Everything below `of`, in pre-order, `depth` steps down at most.
pub(super) fn descendants(
    of: &Department,
    depth: Option<i32>,
    args: &PageArgs,
) -> Result<DepartmentConnection, ApiError> {
    let depth = depth
        .map(|depth| u32::try_from(depth).map_err(|_| ApiError::bad_input("`depth` is negative: choose 0 or more")))
        .transpose()?;
    let paging = Paging::<PlaceText<directory::TreePlace>>::new(DESCENDANTS, args, 100)?;

    let (snapshot, id) = (of.snapshot.clone(), of.key());
    let page = paging
        .places()
        .page(|from, to| snapshot.descendants_between(id, depth, from, to));
    let page = page.filter_map(|id| Department::find(&snapshot, id));
    let listing = paging.listing(page, move |it: &Department| {
        PlaceText(it.snapshot.tree_place(it.key(), Some(id)))
    });

    Ok(DepartmentConnection {
        listing,
        extra: Counter::found(move || snapshot.descendants(id, depth).count()),
    })
}

/// Those of `list` in an order that isn't DingTalk's.
fn in_order(
    snapshot: &Arc<Snapshot>,
    (name, default): (&'static str, i32),
    list: DepartmentList,
    (order, by, descending): (Order<directory::DepartmentOrder>, directory::DepartmentOrder, bool),
    args: &PageArgs,
) -> Result<DepartmentConnection, ApiError> {
    let paging = Paging::<PlaceText<directory::Place<i64>>>::new(order.list(name), args, default)?;
    let page = list.page(snapshot, (by, descending), paging.places());
    let listing = paging.listing(departments_of(snapshot, page), move |it: &Department| {
        PlaceText(DepartmentList::place(&it.snapshot, by, &it.record))
    });
    Ok(counted_by(snapshot, listing, list))
}

/// Those of `list` in DingTalk's order of the whole forest.
fn in_forest(
    snapshot: &Arc<Snapshot>,
    list: DepartmentList,
    descending: bool,
    args: &PageArgs,
) -> Result<DepartmentConnection, ApiError> {
    let name = Order::<directory::DepartmentOrder>::DingTalk(descending).list(ALL);
    let paging = Paging::<PlaceText<directory::ForestPlace>>::new(name, args, 50)?;
    let page = list.forest_page(snapshot, paging.places(), descending);
    let listing = paging.listing(departments_of(snapshot, page), |it: &Department| {
        PlaceText(DepartmentList::forest_place(&it.snapshot, it.key()))
    });
    Ok(counted_by(snapshot, listing, list))
}

fn counted_by(snapshot: &Arc<Snapshot>, listing: Listing<Department>, list: DepartmentList) -> DepartmentConnection {
    let snapshot = snapshot.clone();
    let count = {
        let is_filtered = list.filter.is_some();
        let count = move || list.count(&snapshot);
        if is_filtered {
            Counter::found(count)
        } else {
            Counter::known(count)
        }
    };
    DepartmentConnection { listing, extra: count }
}

fn departments_of(snapshot: &Arc<Snapshot>, page: Page<Arc<directory::Department>>) -> Page<Department> {
    let snapshot = SnapshotView::from(snapshot);
    page.map(|record| Department {
        snapshot: snapshot.clone(),
        record,
    })
}

/// Queries for departments.
#[derive(Default)]
pub struct DepartmentQuery;

#[Object]
impl DepartmentQuery {
    /// One department by `deptId` or by `id`; null where the mirror has none, gone ones included. Needs
    /// `directory:read`.
    #[graphql(tag = "heavy:asOf", tag = "id:id")]
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

    /// The departments that match, by `deptId` or in the order asked. Needs `directory:read`.
    #[graphql(tag = "heavy:filter", tag = "heavy:asOf")]
    #[allow(clippy::too_many_arguments, reason = "a list's arguments")]
    async fn departments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; without it all that are not gone.")] filter: Option<DepartmentFilter>,
        #[graphql(desc = "In which order; without it by `deptId`.")] order_by: Option<DepartmentOrder>,
        #[graphql(desc = "How many from the front, 1 to 500; 50 if neither `first` nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only those behind this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 500.")] last: Option<i32>,
        #[graphql(desc = "Only those in front of this cursor.")] before: Option<String>,
        #[graphql(
            desc = "The list, and all below it, as the mirror knew it at this moment, as far back as the change feed is kept."
        )]
        as_of: Option<DateTime>,
    ) -> Option<Result<DepartmentConnection, ApiError>> {
        let page = PageArgs::new(first, after, last, before);
        Some(departments(ctx, filter, order_by.as_ref(), &page, as_of).await)
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
    filter: Option<DepartmentFilter>,
    order_by: Option<&DepartmentOrder>,
    args: &PageArgs,
    as_of: Option<DateTime>,
) -> Result<DepartmentConnection, ApiError> {
    require(ctx, Permission::DirectoryRead)?;
    let snapshot = as_of::snapshot(ctx, as_of).await?;
    let list = DepartmentList {
        children_of: None,
        filter: compiled(ctx, &snapshot, filter)?,
    };
    match Order::of_departments(order_by, Order::By(directory::DepartmentOrder::DeptId, false)) {
        Order::DingTalk(descending) => in_forest(&snapshot, list, descending, args),
        order @ Order::By(by, descending) => in_order(&snapshot, (ALL, 50), list, (order, by, descending), args),
    }
}
