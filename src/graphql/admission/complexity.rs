//! What an operation costs, before it runs: the fields and list items that its answer can have, and what computes for
//! long counted as [`WALK`] of them.
//!
//! A list costs its page, `first` or `last`, times what is selected of an item, for each of its parents; of the
//! snapshot's lists never more than there is. What a use of a field costs beside that, its tags say (`types/price.rs`
//! and `types/heavy.rs`). An answer ends at its response nodes and bytes (see the governor), and reading the snapshot
//! takes no more than writing it down, so that its fields cost no more than those nodes together: what is refused here
//! is what would compute for long, or ask the database for very much.

use async_graphql::{
    Positioned,
    parser::types::{Field, Selection, SelectionSet},
};
use async_graphql_value::Value;

use super::{
    Limits, MAX_PAGE, Refusal, Types, WALK,
    types::{FieldDef, TypeDef, name_of},
};

/// So many people or departments are looked at for the cost of a field. Of a hundred thousand people a walk costs
/// [`WALK`].
const LOOKED_AT: usize = 50;

/// How much of everything there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// Departments.
    pub departments: usize,
    /// People.
    pub people: usize,
    /// People counted in each of their departments.
    pub memberships: usize,
    /// People counted in each department that they are in or below.
    pub reached: usize,
}

impl Sizes {
    /// There may be any number.
    pub const UNKNOWN: Self = Self {
        departments: usize::MAX,
        people: usize::MAX,
        memberships: usize::MAX,
        reached: usize::MAX,
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
    Err(told(set, root, types, sizes, limits).refusal())
}

/// What such an operation costs, whether that is too much or not.
pub(super) fn told(set: &SelectionSet, root: &TypeDef, types: &Types, sizes: Sizes, limits: &Limits) -> Cost {
    let walk = Walk {
        types,
        sizes,
        tells: true,
    };
    walk.set(set, root, 1, true).told(limits)
}

/// What an operation costs, as its caller is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cost {
    /// The cost that the limit is for.
    pub requested: usize,
    /// The limit.
    pub allowed: usize,
    /// The path of the field that costs most, and what that costs; none where nothing costs anything.
    pub costliest: Option<(String, usize)>,
}

impl Cost {
    fn refusal(self) -> Refusal {
        let cost = self.requested;
        let (field, part) = self.costliest.unwrap_or_default();
        let what = format!(
            "the document costs {cost}, most of it for `{field}`, {part} (a list costs its page times what is selected of an item): \
             ask for less there, or for a smaller page"
        );
        Refusal::limit("complexity", &what, self.allowed)
            .with("cost", cost)
            .with("allowed", self.allowed)
            .with("costliestField", field)
    }
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

    fn told(&self, limits: &Limits) -> Cost {
        // Inwards as far as one field has most of it.
        let way = self.way.iter().rev();
        let way = way.take_while(|(_, part)| *part >= self.whole() / 2);
        let (keys, parts): (Vec<&str>, Vec<usize>) = way.copied().unzip();
        let costliest = match parts.last() {
            Some(part) => Some((keys.join("."), *part)),
            // Where many cost the same, it is the first of them.
            None => self.way.last().map(|(key, part)| ((*key).to_owned(), *part)),
        };

        Cost {
            requested: self.cost(limits),
            allowed: limits.complexity,
            costliest,
        }
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

        let page = page(field, def);
        let mut items = times.saturating_mul(page.unwrap_or(1));
        if def.is_steady && distinct {
            items = items.min(self.most(field, def));
        }
        let mut all = match self.types.named(&def.ty) {
            Some(below) => {
                let distinct = distinct && stays_distinct(field, parent, times);
                self.set(&field.selection_set.node, below, items, distinct)
            }
            None => Complexity::default(),
        };

        all.work = all
            .work
            .saturating_add(times.saturating_mul(def.price.extra(field)))
            .saturating_add(self.walks(field, def, parent, (times, distinct)));
        let own = if def.is_steady { &mut all.light } else { &mut all.work };
        *own = own.saturating_add(times);

        if self.tells {
            let key = &field.alias.as_ref().unwrap_or(&field.name).node;
            all.way.push((key.as_str(), all.whole()));
        }
        all
    }

    /// What computes for long: walks over everybody, or over those of each parent.
    fn walks(&self, field: &Field, def: &FieldDef, parent: &TypeDef, (times, distinct): (usize, bool)) -> usize {
        let walks = def.heavy.walks(field);
        let Some((most, all)) = self.looked_at(field, def, parent) else {
            return times.saturating_mul(walks).saturating_mul(WALK);
        };

        let cost = |looked_at: usize| (looked_at / LOOKED_AT).saturating_add(1);
        let each = times.saturating_mul(cost(most).min(WALK));
        let bound = if distinct {
            each.min(cost(all).saturating_add(times))
        } else {
            each
        };
        bound.saturating_mul(walks)
    }

    /// How many are looked at for a list of the snapshot that is below something: of one parent at most, and of all
    /// together where none stands there twice.
    fn looked_at(&self, field: &Field, def: &FieldDef, parent: &TypeDef) -> Option<(usize, usize)> {
        let sizes = &self.sizes;
        Some(match (parent.name.as_str(), name_of(&def.ty)) {
            ("Department", "DepartmentConnection") => (sizes.departments, sizes.departments),
            ("Department", "MembershipConnection") => (sizes.people, self.most(field, def)),
            ("User", "UserConnection") => (sizes.people, sizes.people),
            _ => return None,
        })
    }

    /// How many items a list of the snapshot can have over all of its parents, where no parent stands there twice.
    fn most(&self, field: &Field, def: &FieldDef) -> usize {
        match name_of(&def.ty) {
            "DepartmentConnection" => self.sizes.departments,
            "UserConnection" => self.sizes.people,
            "MembershipConnection" if has_subtree(field) => self.sizes.reached,
            "MembershipConnection" => self.sizes.memberships,
            _ => usize::MAX,
        }
    }
}

/// Whether the objects of a field are as distinct as its `times` parents are: a department has one parent, a person
/// several departments.
fn stays_distinct(field: &Field, parent: &TypeDef, times: usize) -> bool {
    match field.name.node.as_str() {
        "department" | "departments" | "user" | "users" | "descendants" => times == 1,
        // Those of a department are among those of the departments above it, too.
        "members" if has_subtree(field) => times == 1,
        "children" | "members" => true,
        // Beside those of pages there are things by their ids, which may be given twice.
        "nodes" | "edges" => parent.name.ends_with("Connection"),
        "node" => parent.name.ends_with("Edge"),
        _ => false,
    }
}

/// Whether a list of members has those of the departments below, too, as far as is known.
fn has_subtree(field: &Field) -> bool {
    let asked = field.get_argument("includeSubtree").map(|value| &value.node);
    !matches!(asked, None | Some(Value::Null | Value::Boolean(false)))
}

/// How many items a field has for each of its parents; `None`: it is no list that costs.
fn page(field: &Field, def: &FieldDef) -> Option<usize> {
    let given = def.price.items(field);
    let Some(first) = def.arguments.get("first") else {
        return given;
    };

    let sizes = ["first", "last"].map(|name| field.get_argument(name).map(|value| &value.node));
    let asked = sizes.into_iter().flatten().find_map(|value| match value {
        Value::Number(number) => Some(number.as_i64().map_or(0, |number| usize::try_from(number).unwrap_or(0))),
        Value::Variable(_) => Some(MAX_PAGE),
        _ => None,
    });
    // Of those that are named all are given.
    let page = asked.or(given).or(first.default);
    Some(page.unwrap_or(MAX_PAGE).min(MAX_PAGE))
}

#[cfg(test)]
#[path = "complexity_tests.rs"]
mod tests;
