//! `OverlappingFieldsCanBeMerged`: fields with one response key have to be the same field, wherever they come from.
//!
//! Every pair of fields is compared once: a pair below another has one pair above it, since `count` has bounded the document
//! with its fragments expanded. So a thousand selections are half a million pairs at most, and no path is walked twice.

use std::{
    collections::{HashMap, HashSet},
    rc::Rc,
};

use async_graphql::{
    Name, Positioned,
    indexmap::IndexMap,
    parser::types::{BaseType, ExecutableDocument, Field, Selection, SelectionSet, Type},
};
use async_graphql_value::Value;

use super::{
    super::types::{FieldDef, TypeDef, Types},
    findings::Findings,
};

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
type Key = (*const Field, *const TypeDef);

struct Overlap<'d, 'f> {
    document: &'d ExecutableDocument,
    types: &'d Types,
    findings: &'f mut Findings,
    below: HashMap<Key, Rc<Groups<'d>>>,
    told: HashSet<*const Field>,
}

/// Checks one operation's selections with everything that they come to.
pub(super) fn check<'d>(
    set: &'d SelectionSet,
    root: &'d TypeDef,
    document: &'d ExecutableDocument,
    types: &'d Types,
    findings: &mut Findings,
) {
    let mut overlap = Overlap {
        document,
        types,
        findings,
        below: HashMap::new(),
        told: HashSet::new(),
    };
    let mut groups = Groups::new();
    overlap.gather(set, root, &mut HashSet::new(), &mut groups);
    overlap.within(&groups);
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

    fn below(&mut self, at: &Occurrence<'d>) -> Rc<Groups<'d>> {
        let key: Key = (&raw const at.field.node, &raw const *at.parent);
        if let Some(known) = self.below.get(&key) {
            return known.clone();
        }
        let mut groups = Groups::new();
        if let Some(inside) = at.def.and_then(|def| self.types.named(&def.ty)) {
            let set = &at.field.node.selection_set.node;
            self.gather(set, inside, &mut HashSet::new(), &mut groups);
        }
        let groups = Rc::new(groups);
        self.below.insert(key, groups.clone());
        groups
    }

    /// All pairs of one set, and of all sets below it.
    fn within(&mut self, groups: &Groups<'d>) {
        for group in groups.values() {
            for (at, first) in group.iter().enumerate() {
                for second in &group[at + 1..] {
                    self.pair(first, second, false);
                }
            }
            for (at, field) in group.iter().enumerate() {
                if self.findings.is_full() {
                    return;
                }
                if !group[..at].iter().any(|before| before.is(field)) {
                    let below = self.below(field);
                    self.within(&below);
                }
            }
        }
    }

    /// `apart`: an object is never of both types above them, so that names and arguments may differ, but not the shape.
    fn pair(&mut self, first: &Occurrence<'d>, second: &Occurrence<'d>, apart: bool) {
        if self.findings.is_full() || first.is(second) {
            return;
        }
        let apart = apart || are_apart(first.parent, second.parent);
        if let Some(why) = conflict(first, second, apart, self.types) {
            self.tell(first, second, &why);
            return;
        }

        let (above, beside) = (self.below(first), self.below(second));
        for (key, ones) in above.iter() {
            let Some(others) = beside.get(key) else {
                continue;
            };
            for one in ones {
                for other in others {
                    self.pair(one, other, apart);
                }
            }
        }
    }

    fn tell(&mut self, first: &Occurrence<'d>, second: &Occurrence<'d>, why: &str) {
        // One field that conflicts with a hundred is one mistake.
        if self.told.insert(&raw const second.field.node) {
            let key = &first.field.node.response_key().node;
            let message = format!("two fields are called `{key}` in the answer, but {why}: give one an alias");
            self.findings.add(second.field.pos, message);
        }
    }
}

fn are_apart(first: &TypeDef, second: &TypeDef) -> bool {
    let is_object = |ty: &TypeDef| ty.composite().is_some_and(|composite| composite.is_object);
    first.name != second.name && is_object(first) && is_object(second)
}

fn conflict(first: &Occurrence<'_>, second: &Occurrence<'_>, apart: bool, types: &Types) -> Option<String> {
    let (one, other) = (&first.field.node, &second.field.node);
    if !apart && one.name.node != other.name.node {
        return Some(format!(
            "`{}` and `{}` are different fields",
            one.name.node, other.name.node
        ));
    }
    if !apart && !same_arguments(&one.arguments, &other.arguments) {
        return Some("they have different arguments".to_owned());
    }
    let (one, other) = first.def.zip(second.def)?;
    (!same_shape(&one.ty, &other.ty, types)).then(|| format!("`{}` and `{}` are different types", one.ty, other.ty))
}

type Arguments = [(Positioned<Name>, Positioned<Value>)];

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
