//! `OverlappingFieldsCanBeMerged`: fields with one response key have to be the same field, wherever they come from.
//!
//! The specification compares every pair, and every pair below each: 490 fields of one key took 0.6 s. Here each field
//! is compared with the first of its key alone, because being the same is transitive: who agrees with the first agrees
//! with each other, and what they select is one set, looked at once. That is done twice. Fields whose parents can be
//! one object need the same name and arguments; all of them, whatever their parents, need types of one shape. How many
//! fields may be looked at is counted, for documents in which a field belongs to several objects at every level.

use std::collections::HashSet;

use async_graphql::{
    Name, Positioned,
    indexmap::IndexMap,
    parser::types::{BaseType, ExecutableDocument, Field, Selection, SelectionSet, Type},
};
use async_graphql_value::Value;

use super::{
    super::{
        Refusal,
        types::{FieldDef, TypeDef, Types},
    },
    findings::Findings,
    selections::Arguments,
};

/// Fields that are looked at: fifty times as many as a document may have.
const MOST_COMPARED: usize = 50_000;

/// A field where it is selected.
#[derive(Clone, Copy)]
struct Occurrence<'d> {
    parent: &'d TypeDef,
    field: &'d Positioned<Field>,
    def: Option<&'d FieldDef>,
}

impl Occurrence<'_> {
    /// The same place of the document, reached in two ways.
    fn is(&self, other: &Self) -> bool {
        std::ptr::eq(self.field, other.field) && std::ptr::eq(self.parent, other.parent)
    }
}

type Groups<'d> = IndexMap<&'d str, Vec<Occurrence<'d>>>;

/// What is compared: `Names`, of fields whose parents can be one object, or `Shapes`, of all.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Compared {
    Names,
    Shapes,
}

struct Overlap<'d, 'f> {
    document: &'d ExecutableDocument,
    types: &'d Types,
    findings: &'f mut Findings,
    told: HashSet<*const Field>,
    left: usize,
}

/// Checks one operation's selections with everything that they come to.
///
/// # Errors
/// They are too many to be compared.
pub(super) fn check<'d>(
    set: &'d SelectionSet,
    root: &'d TypeDef,
    document: &'d ExecutableDocument,
    types: &'d Types,
    findings: &mut Findings,
) -> Result<(), Refusal> {
    let mut overlap = Overlap {
        document,
        types,
        findings,
        told: HashSet::new(),
        left: MOST_COMPARED,
    };

    let mut groups = Groups::new();
    overlap.gather(set, root, &mut HashSet::new(), &mut groups);
    overlap.within(&groups, Compared::Names)?;
    overlap.within(&groups, Compared::Shapes)
}

impl<'d> Overlap<'d, '_> {
    /// The fields of a set with its fragments, by response key.
    fn gather(&self, set: &'d SelectionSet, parent: &'d TypeDef, seen: &mut HashSet<&'d str>, groups: &mut Groups<'d>) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    let group = groups.entry(field.node.response_key().node.as_str()).or_default();
                    group.push(Occurrence {
                        parent,
                        field,
                        def: self.types.field(parent, field.node.name.node.as_str()),
                    });
                }
                Selection::InlineFragment(inline) => {
                    let condition = inline.node.type_condition.as_ref();
                    let inside = condition.and_then(|condition| self.types.get(condition.node.on.node.as_str()));
                    self.gather(&inline.node.selection_set.node, inside.unwrap_or(parent), seen, groups);
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    if let Some(fragment) = self.document.fragments.get(name)
                        && seen.insert(name.as_str())
                    {
                        let inside = self.types.get(fragment.node.type_condition.node.on.node.as_str());
                        self.gather(
                            &fragment.node.selection_set.node,
                            inside.unwrap_or(parent),
                            seen,
                            groups,
                        );
                    }
                }
            }
        }
    }

    /// What all of these fields select, as one set.
    fn below(&self, fields: &[Occurrence<'d>]) -> Groups<'d> {
        let (mut groups, mut seen) = (Groups::new(), HashSet::new());
        for at in fields {
            if let Some(inside) = at.def.and_then(|def| self.types.named(&def.ty)) {
                self.gather(&at.field.node.selection_set.node, inside, &mut seen, &mut groups);
            }
        }
        groups
    }

    /// Every key of one set, and of all sets below it.
    fn within(&mut self, groups: &Groups<'d>, compared: Compared) -> Result<(), Refusal> {
        for group in groups.values() {
            match compared {
                Compared::Names => {
                    for together in by_object(group) {
                        self.alike(&together, compared)?;
                    }
                }
                Compared::Shapes => self.alike(group, compared)?,
            }
        }
        Ok(())
    }

    /// Fields of one key, compared with the first of them; then what those select that are like it.
    fn alike(&mut self, group: &[Occurrence<'d>], compared: Compared) -> Result<(), Refusal> {
        let Some(first) = group.first() else {
            return Ok(());
        };

        let mut like = Vec::with_capacity(group.len());
        for field in group {
            if self.findings.is_full() {
                return Ok(());
            }
            self.spend()?;
            match conflict(first, field, compared, self.types) {
                Some(why) => self.tell(first, field, &why),
                None => like.push(*field),
            }
        }

        // Where the first selects nothing, nobody who is like it does.
        let below = self.below(&like);
        self.within(&below, compared)
    }

    fn spend(&mut self) -> Result<(), Refusal> {
        self.left = self.left.checked_sub(1).ok_or_else(|| {
            let what = "the document has too many fields of one name to be compared, counted for each type that they may belong to";
            Refusal::limit("comparisons", what, MOST_COMPARED)
        })?;
        Ok(())
    }

    fn tell(&mut self, first: &Occurrence<'d>, second: &Occurrence<'d>, why: &str) {
        // One field that conflicts in two ways is one mistake.
        if self.told.insert(&raw const second.field.node) {
            let key = &first.field.node.response_key().node;
            let message = format!("two fields are called `{key}` in the answer, but {why}: give one an alias");
            self.findings.add(second.field.pos, message);
        }
    }
}

/// The fields of a key that can stand in one object. Those of an interface or a union can stand in each.
fn by_object<'d>(group: &[Occurrence<'d>]) -> Vec<Vec<Occurrence<'d>>> {
    let is_object = |at: &Occurrence<'_>| at.parent.composite().is_some_and(|composite| composite.is_object);
    let mut objects: IndexMap<&str, Vec<Occurrence<'d>>> = IndexMap::new();
    for at in group.iter().filter(|at| is_object(at)) {
        objects.entry(&at.parent.name).or_default();
    }
    if objects.len() <= 1 {
        return vec![group.to_vec()];
    }

    for at in group {
        if is_object(at) {
            objects.entry(&at.parent.name).or_default().push(*at);
        } else {
            objects.values_mut().for_each(|together| together.push(*at));
        }
    }
    objects.into_values().collect()
}

fn conflict(first: &Occurrence<'_>, second: &Occurrence<'_>, compared: Compared, types: &Types) -> Option<String> {
    if first.is(second) {
        return None;
    }

    let (one, other) = (&first.field.node, &second.field.node);
    match compared {
        Compared::Names if one.name.node != other.name.node => Some(format!(
            "`{}` and `{}` are different fields",
            one.name.node, other.name.node
        )),
        Compared::Names => {
            (!same_arguments(&one.arguments, &other.arguments)).then(|| "they have different arguments".to_owned())
        }
        Compared::Shapes => {
            let (one, other) = first.def.zip(second.def)?;
            (!same_shape(&one.ty, &other.ty, types))
                .then(|| format!("`{}` and `{}` are different types", one.ty, other.ty))
        }
    }
}

/// The same, whatever the order; values as they are written, variables by their names.
fn same_arguments(one: &Arguments, other: &Arguments) -> bool {
    std::ptr::eq(one, other)
        || (one.len() == other.len()
            && one.iter().all(|(name, value)| {
                let there = other.iter().find(|(other, _)| other.node == name.node);
                there.is_some_and(|(_, other)| same_value(&value.node, &other.node))
            }))
}

/// The library's own comparison takes the enum value `A` and the text `"A"` for the same.
fn same_value(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Enum(_), Value::String(_)) | (Value::String(_), Value::Enum(_)) => false,
        (Value::List(one), Value::List(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same_value(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|(name, one)| other.get(name).is_some_and(|other| same_value(one, other)))
        }
        (one, other) => one == other,
    }
}

/// Lists and non-nulls in the same places, and the same type if it is a leaf.
fn same_shape(one: &Type, other: &Type, types: &Types) -> bool {
    if one.nullable != other.nullable {
        return false;
    }

    match (&one.base, &other.base) {
        (BaseType::List(one), BaseType::List(other)) => same_shape(one, other, types),
        (BaseType::Named(one), BaseType::Named(other)) => {
            let is_composite = |name: &Name| types.get(name.as_str()).is_some_and(|ty| ty.composite().is_some());
            one == other || (is_composite(one) && is_composite(other))
        }
        _ => false,
    }
}
