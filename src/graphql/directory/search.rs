//! Search as somebody types: people and departments ranked together, with what matched.

use std::sync::Arc;

use async_graphql::{Context, Enum, Object, SimpleObject, Union};

use super::{
    filter::typed,
    objects::{Department, User},
};
use crate::{
    auth::Permission,
    directory::{
        DeptId, Snapshot,
        search::{self, Asked, Hit, Query as Typed, Rank, Record, judge, judge_near},
    },
    graphql::{
        error::ApiError,
        guard::require,
        relay::{
            connection::{PageInfo, int},
            ids::{cursor, parse_cursor},
            paging::page_size,
        },
        services::ContextExt,
    },
};

/// Name of the list in its cursors.
const SEARCH: &str = "search";

/// Hits behind these are not told: whoever looks for somebody types another letter.
const MOST_HITS: u32 = 1_000;

/// What is searched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum SearchKind {
    /// People.
    User,
    /// Departments.
    Department,
}

/// The fields that a search looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "search::SearchField")]
pub enum SearchField {
    /// The name: as it is written, or as it sounds.
    Name,
    /// A person's job number.
    JobNumber,
    /// A person's own email address; only for callers with `directory:contact`.
    Email,
    /// A person's address of the company; only for callers with `directory:contact`.
    OrgEmail,
    /// A person's mobile number; only for callers with `directory:contact`.
    Mobile,
    /// A person's title.
    Title,
    /// The `userId`; only as a whole.
    UserId,
    /// The `deptId`; only as a whole.
    DeptId,
}

/// A part of a field that matched: what to highlight.
#[derive(Debug, Clone, SimpleObject)]
pub struct SearchMatch {
    /// The field.
    field: SearchField,
    /// Where the part begins in the field's text, in UTF-16 code units: `text.slice(from, to)` of JavaScript is it.
    from: i32,
    /// Where it ends: the first code unit behind it.
    to: i32,
}

/// What was found.
#[derive(Clone, Union)]
pub enum SearchItem {
    /// A person.
    User(User),
    /// A department.
    Department(Department),
}

/// One hit of a search.
#[derive(Clone)]
pub struct SearchHit {
    item: SearchItem,
    hit: Hit,
    asked: Arc<(Typed, bool)>,
}

/// One hit of a search.
#[Object]
impl SearchHit {
    /// The person or department.
    async fn item(&self) -> &SearchItem {
        &self.item
    }

    /// What matched, in the order of fields and places. A character that was typed by its sound is told as a whole.
    async fn matches(&self) -> Vec<SearchMatch> {
        let (query, contact) = &*self.asked;
        let judged = match self.hit.rank {
            Rank::SoundsAlike | Rank::Typo => judge_near(&self.hit.record, query),
            _ => judge(&self.hit.record, query, *contact),
        };

        let matches = judged.into_iter().flat_map(|judged| judged.matches);
        let told = matches.map(|it| SearchMatch {
            field: it.field.into(),
            from: int(it.from),
            to: int(it.to),
        });
        told.collect()
    }

    /// Names of departments from the top of the visible tree down: of a department those above it, of a person down to
    /// their `primaryDepartment`.
    async fn department_path(&self) -> Vec<&str> {
        match &self.item {
            SearchItem::Department(department) => names_above(&department.snapshot, department.key()).collect(),
            SearchItem::User(user) => {
                let own = user.primary_department().map(|department| department.key());
                let own = own.and_then(|id| user.snapshot.department(id));
                let above = own
                    .into_iter()
                    .flat_map(|own| names_above(&user.snapshot, own.facts.dept_id));
                above.chain(own.map(|own| own.facts.name.as_str())).collect()
            }
        }
    }
}

fn names_above(snapshot: &Snapshot, id: DeptId) -> impl Iterator<Item = &str> {
    let above = snapshot.ancestors(id).into_iter();
    above.filter_map(|id| Some(snapshot.department(id)?.facts.name.as_str()))
}

/// Hits of a search, the best first. They are not counted: a letter is in most names.
#[derive(SimpleObject)]
pub struct SearchHitConnection {
    /// The hits with their cursors.
    edges: Vec<SearchHitEdge>,
    /// The hits alone.
    nodes: Vec<SearchHit>,
    /// Where this page stands among the hits.
    page_info: PageInfo,
}

/// One hit of the list.
#[derive(Clone, SimpleObject)]
pub struct SearchHitEdge {
    /// Names the place of this hit: `after` it.
    cursor: String,
    /// The hit.
    node: SearchHit,
}

/// Searching.
#[derive(Default)]
pub struct SearchQuery;

#[Object]
impl SearchQuery {
    /// People and departments that match what somebody types, the best first: as they type, a query for each letter.
    /// Names match by characters (traditional ones as simplified ones), pinyin in full, begun or by initials, and any
    /// mixture (`wangwei`, `wangw`, `ww`, `王w`); people also by job number, title and whole `userId`, and for callers
    /// with `directory:contact` by email address and parts of the mobile number. Several words may match in any order.
    /// Exact matches come before beginnings before parts, names before numbers before addresses before titles, then
    /// shorter names before longer ones. Where nothing matches, one typo is forgiven. Needs `directory:read`.
    #[graphql(tag = "searches")]
    async fn search(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What was typed, at most 64 characters; blank finds nothing.")] query: String,
        #[graphql(desc = "What is looked for; both if not given or empty.")] kinds: Option<Vec<SearchKind>>,
        #[graphql(desc = "How many, 1 to 500.", default = 10)] first: Option<i32>,
        #[graphql(
            desc = "Only those behind this cursor. It says how many hits were seen, and no place: where the directory changes between two pages, one may come twice or not at all. A list ends after 1,000."
        )]
        after: Option<String>,
    ) -> Option<Result<SearchHitConnection, ApiError>> {
        Some(found(
            ctx,
            &query,
            &kinds.unwrap_or_default(),
            first.unwrap_or(10),
            after.as_deref(),
        ))
    }
}

fn found(
    ctx: &Context<'_>,
    query: &str,
    kinds: &[SearchKind],
    first: i32,
    after: Option<&str>,
) -> Result<SearchHitConnection, ApiError> {
    let contact = require(ctx, Permission::DirectoryRead)?.may(Permission::DirectoryContact);
    let (first, seen) = (
        page_size(first)?,
        parse_cursor::<u32>(SEARCH, "after", after)?.unwrap_or(0),
    );
    let query = typed("query", query)?;

    let snapshot = ctx.snapshot();
    // One more tells that there is more.
    let wanted = seen.saturating_add(first).min(MOST_HITS);
    let asked = Asked {
        users: kinds.is_empty() || kinds.contains(&SearchKind::User),
        departments: kinds.is_empty() || kinds.contains(&SearchKind::Department),
        contact,
        most: wanted as usize + 1,
    };

    let Some(query) = query else {
        return Ok(connection(Vec::new(), false, seen));
    };
    let hits = snapshot.search(&query, asked);
    let has_next = hits.len() > wanted as usize && wanted < MOST_HITS;
    let page = hits.into_iter().take(wanted as usize).skip(seen as usize);
    let asked = Arc::new((query, contact));
    Ok(connection(
        page.map(|hit| told(&snapshot, hit, &asked)).collect(),
        has_next,
        seen,
    ))
}

fn told(snapshot: &Arc<Snapshot>, hit: Hit, asked: &Arc<(Typed, bool)>) -> SearchHit {
    let snapshot = snapshot.into();
    let item = match hit.record.clone() {
        Record::User(record) => SearchItem::User(User { snapshot, record }),
        Record::Department(record) => SearchItem::Department(Department { snapshot, record }),
    };
    SearchHit {
        item,
        hit,
        asked: asked.clone(),
    }
}

/// A page behind the first `seen` hits.
fn connection(hits: Vec<SearchHit>, has_next_page: bool, seen: u32) -> SearchHitConnection {
    // Nothing stands behind the last place that can be asked for.
    let places = seen.saturating_add(1)..;
    let edges = places.zip(&hits).map(|(place, hit)| SearchHitEdge {
        cursor: cursor(SEARCH, place),
        node: hit.clone(),
    });
    let edges: Vec<_> = edges.collect();

    SearchHitConnection {
        page_info: PageInfo {
            has_next_page,
            has_previous_page: seen > 0,
            start_cursor: edges.first().map(|edge| edge.cursor.clone()),
            end_cursor: edges.last().map(|edge| edge.cursor.clone()),
        },
        nodes: hits,
        edges,
    }
}
