//! What an operation costs, before it runs: the fields and list items that its answer can have, and what computes for
//! long counted as [`WALK`] of them.
//!
//! A list costs its page, `first` or `last`, times what is selected of an item, for each of its parents; of the
//! snapshot's lists never more than there is. An answer ends at its response nodes and bytes (see the governor), and
//! reading the snapshot takes no more than writing it down, so that its fields cost no more than those nodes together:
//! what is refused here is what would compute for long, or ask the database for very much.

use async_graphql::{
    Positioned,
    parser::types::{BaseType, Field, Selection, SelectionSet},
};
use async_graphql_value::Value;

use super::{
    Limits, MAX_PAGE, Refusal, Types, WALK,
    types::{FieldDef, TypeDef, name_of},
};

/// Items of a list that has no page: the way up from a department, its managers.
const UNPAGED: usize = 10;
/// A field that asks the database, or renders something.
const ASKS: usize = 100;

/// How much of everything there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// Departments.
    pub departments: usize,
    /// People.
    pub people: usize,
    /// People counted in each of their departments.
    pub memberships: usize,
}

impl Sizes {
    /// There may be any number.
    pub const UNKNOWN: Self = Self {
        departments: usize::MAX,
        people: usize::MAX,
        memberships: usize::MAX,
    };
}

/// Refuses an operation whose selections in normal form cost too much. What isn't settled yet counts as much as it can
/// be.
///
/// # Errors
/// Tells the cost, what is allowed, and the field that costs most.
pub(super) fn check(
    set: &SelectionSet,
    root: &TypeDef,
    types: &Types,
    sizes: Sizes,
    limits: &Limits,
) -> Result<(), Refusal> {
    let walk = Walk {
        types,
        sizes,
        tells: false,
    };
    if walk.set(set, root, 1, true).cost(limits) <= limits.complexity {
        return Ok(());
    }
    let walk = Walk { tells: true, ..walk };
    Err(walk.set(set, root, 1, true).refusal(limits))
}

/// What a part of an answer costs, and which way leads to most of it.
#[derive(Debug, Default)]
struct Complexity<'d> {
    /// Fields of the snapshot.
    light: usize,
    /// All others.
    work: usize,
    /// From the innermost field outwards, each with what it costs; only where that is told.
    way: Vec<(&'d str, usize)>,
}

impl<'d> Complexity<'d> {
    /// The cost that the limit is for.
    fn cost(&self, limits: &Limits) -> usize {
        self.light.min(limits.response_nodes).saturating_add(self.work)
    }

    fn refusal(&self, limits: &Limits) -> Refusal {
        let cost = self.cost(limits);
        // Inwards as far as one field has most of it.
        let way = self.way.iter().rev();
        let way = way.take_while(|(_, part)| *part >= self.whole() / 2);
        let (keys, parts): (Vec<&str>, Vec<usize>) = way.copied().unzip();
        // Where many cost the same, it is the first of them.
        let first = self.way.last().map(|(key, _)| *key).unwrap_or_default();
        let field = if keys.is_empty() {
            first.to_owned()
        } else {
            keys.join(".")
        };
        let part = parts
            .last()
            .or(self.way.last().map(|(_, part)| part))
            .copied()
            .unwrap_or(cost);

        let what = format!(
            "the document costs {cost}, most of it for `{field}`, {part} (a list costs its page times what is selected of an item): \
             ask for less there, or for a smaller page"
        );
        Refusal::limit("complexity", &what, limits.complexity)
            .with("cost", cost)
            .with("allowed", limits.complexity)
            .with("costliestField", field)
    }

    fn whole(&self) -> usize {
        self.light.saturating_add(self.work)
    }

    /// Another part of the same answer.
    fn add(&mut self, other: Self) {
        if self.way.last().map_or(0, |way| way.1) < other.way.last().map_or(0, |way| way.1) {
            self.way = other.way;
        }
        self.light = self.light.saturating_add(other.light);
        self.work = self.work.saturating_add(other.work);
    }
}

#[derive(Clone, Copy)]
struct Walk<'t> {
    types: &'t Types,
    sizes: Sizes,
    /// The way to what costs most is told.
    tells: bool,
}

impl Walk<'_> {
    /// What is selected of `times` objects. `distinct`: none of them stands there twice.
    // Recursion follows fields, which `count` has bounded.
    fn set<'d>(&self, set: &'d SelectionSet, parent: &TypeDef, times: usize, distinct: bool) -> Complexity<'d> {
        let mut sum = Complexity::default();
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => sum.add(self.field(field, parent, times, distinct)),
                Selection::InlineFragment(inline) => {
                    let condition = inline.node.type_condition.as_ref();
                    let ty = condition.and_then(|condition| self.types.get(condition.node.on.node.as_str()));
                    sum.add(self.set(&inline.node.selection_set.node, ty.unwrap_or(parent), times, distinct));
                }
                Selection::FragmentSpread(_) => {}
            }
        }
        sum
    }

    fn field<'d>(
        &self,
        field: &'d Positioned<Field>,
        parent: &TypeDef,
        times: usize,
        distinct: bool,
    ) -> Complexity<'d> {
        let field = &field.node;
        let Some(def) = self.types.field(parent, field.name.node.as_str()) else {
            return Complexity::default();
        };

        let mut items = times.saturating_mul(page(field, def).unwrap_or(1));
        if def.is_steady && distinct {
            items = items.min(self.most(def));
        }
        let mut all = match self.types.named(&def.ty) {
            Some(below) => {
                let distinct = distinct && stays_distinct(field.name.node.as_str(), times);
                self.set(&field.selection_set.node, below, items, distinct)
            }
            None => Complexity::default(),
        };

        let heavy = if def.heavy.is(field) { WALK } else { 0 };
        let asks = def.has_cost && !def.is_steady && page(field, def).is_none() && heavy == 0;
        let extra = heavy + if asks { ASKS } else { 0 };
        all.work = all.work.saturating_add(times.saturating_mul(extra));
        let own = if def.is_steady { &mut all.light } else { &mut all.work };
        *own = own.saturating_add(times);

        if self.tells {
            let key = &field.alias.as_ref().unwrap_or(&field.name).node;
            all.way.push((key.as_str(), all.whole()));
        }
        all
    }

    /// How many items a list of the snapshot can have over all of its parents, where no parent stands there twice.
    fn most(&self, def: &FieldDef) -> usize {
        match name_of(&def.ty) {
            "DepartmentConnection" => self.sizes.departments,
            "UserConnection" => self.sizes.people,
            "MembershipConnection" => self.sizes.memberships,
            _ => usize::MAX,
        }
    }
}

/// Whether the objects of a field are as distinct as their parents are: a department has one parent, a person several
/// departments.
fn stays_distinct(field: &str, times: usize) -> bool {
    match field {
        "department" | "departments" | "user" | "users" | "descendants" => times == 1,
        "children" | "members" | "nodes" | "edges" | "node" => true,
        _ => false,
    }
}

/// How many items a field has for each of its parents; `None`: it is no list that costs.
fn page(field: &Field, def: &FieldDef) -> Option<usize> {
    if let Some(first) = def.arguments.get("first") {
        let given = ["first", "last"].map(|name| field.get_argument(name).map(|value| &value.node));
        let asked = given.into_iter().flatten().find_map(|value| match value {
            Value::Number(number) => Some(number.as_i64().map_or(0, |number| usize::try_from(number).unwrap_or(0))),
            Value::Variable(_) => Some(MAX_PAGE),
            _ => None,
        });
        // Of those that are named all are given.
        let given = asked.or_else(|| longest_list(field).max(first.default));
        return Some(given.unwrap_or(MAX_PAGE).min(MAX_PAGE));
    }

    if !def.has_cost || !matches!(def.ty.base, BaseType::List(_)) {
        return None;
    }
    let variable = field
        .arguments
        .iter()
        .any(|(_, value)| matches!(value.node, Value::Variable(_)));
    let unsettled = variable.then_some(MAX_PAGE);
    Some(longest_list(field).max(unsettled).unwrap_or(UNPAGED))
}

/// Items of the longest list among a field's arguments.
fn longest_list(field: &Field) -> Option<usize> {
    let lists = field.arguments.iter().filter_map(|(_, value)| match &value.node {
        Value::List(items) => Some(items.len()),
        _ => None,
    });
    lists.max()
}

#[cfg(test)]
mod tests {
    use async_graphql::Request;

    use super::{
        super::{Code, admit::admit_text},
        *,
    };
    use crate::graphql::{Mutation, Query, Subscription};

    fn refusal(document: &str) -> Option<Refusal> {
        let types = Types::of::<Query, Mutation, Subscription>();
        admit_text(Request::new(document), &types, &Limits::default(), true).err()
    }

    #[test]
    fn an_org_chart_of_three_levels_with_default_pages_passes_however_large_the_company_is() {
        let people = "members { nodes { leader user { name title } } }";
        let chart = format!(
            "{{ department(deptId: 1) {{ children {{ nodes {{ name {people} children {{ nodes {{ name {people}
                children {{ nodes {{ name {people} }} }} }} }} }} }} }} }}"
        );
        assert_eq!(refusal(&chart), None);
    }

    #[test]
    fn rows_of_the_database_are_counted_by_their_pages_and_the_costliest_field_is_named() {
        let told = refusal(
            "{ department(deptId: 1) { name } all: messages(first: 500) { nodes { recipients(first: 500) { nodes { state } } } } }",
        )
        .expect("too many");
        assert_eq!((told.limit, told.code), (Some("complexity"), Code::LimitExceeded));
        let detail = |name: &str| {
            told.details
                .iter()
                .find(|(own, _)| *own == name)
                .map(|(_, value)| value.clone())
        };
        assert_eq!(
            detail("costliestField"),
            Some("all.nodes.recipients.nodes".into()),
            "{told}"
        );
        assert_eq!(detail("allowed"), Some(100_000.into()));
        assert!(detail("cost").and_then(|cost| cost.as_u64()) > Some(500_000), "{told}");

        assert_eq!(
            refusal("{ messages { nodes { recipients { nodes { state } } } } }"),
            None
        );
    }

    #[test]
    fn what_is_there_bounds_a_list_whose_parents_are_distinct() {
        let types = Types::of::<Query, Mutation, Subscription>();
        let document = async_graphql::parser::parse_query(
            "{ departments(first: 500) { nodes { members(first: 500) { nodes { user { memberships(first: 500) { nodes { leader } } } } } } } }",
        )
        .expect("a document");
        let (_, operation) = document.operations.iter().next().expect("an operation");
        let root = types.root(operation.node.ty).expect("a root");
        let cost = |sizes| {
            let walk = Walk {
                types: &types,
                sizes,
                tells: false,
            };
            walk.set(&operation.node.selection_set.node, root, 1, true).light
        };

        let few = Sizes {
            departments: 3,
            people: 10,
            memberships: 12,
        };
        // 3 departments, 12 memberships with a person each, and of each of those a page of memberships.
        assert_eq!(cost(few), 1 + 3 + 3 + 12 + 12 + 12 + 12 * 500 + 12 * 500);
        assert_eq!(cost(Sizes::UNKNOWN), 1 + 500 + 500 + 250_000 * 3 + 125_000_000 * 2);
    }
}
