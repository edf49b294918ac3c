//! `CollectFields` for every selection set, before anything runs.

use std::{cell::Cell, collections::HashSet};

use async_graphql::{
    Name, Pos, Positioned, Value as ConstValue,
    indexmap::IndexMap,
    parser::types::{
        Directive, ExecutableDocument, Field, InlineFragment, OperationDefinition, OperationType, Selection,
        SelectionSet, TypeCondition,
    },
};
use async_graphql_value::Value;

use super::{
    super::{
        Code, Limits, Refusal,
        types::{FieldDef, TypeDef, Types},
    },
    Formed,
    literal::{self, Values},
    template::{OpenField, Template},
    uses::Uses,
};

/// An argument as a document has it.
type Argument = (Positioned<Name>, Positioned<Value>);
/// The fields of one response key, in the order of the document.
type Group<'d> = Vec<&'d Positioned<Field>>;
type Collected<'d> = IndexMap<&'d str, Group<'d>>;

/// The operation's own selections in normal form.
///
/// # Errors
/// A subscription's only field is skipped, or the merged selections or their arguments are too many.
pub(super) fn root<'d>(
    document: &'d ExecutableDocument,
    operation: &'d Positioned<OperationDefinition>,
    with: (&'d Values, Uses<'d>),
    types: &'d Types,
    limits: &Limits,
) -> Result<Formed, Refusal> {
    let mut builder = NormalFormBuilder::new(document, with, types, limits);
    let set = builder.root(operation)?;
    Ok(Formed {
        set,
        is_heavy: builder.is_heavy,
        is_steady: builder.is_steady,
        is_cheap: false,
    })
}

/// The same with variables left in arguments; `None` where a condition has one, or arguments are large.
///
/// # Errors
/// As those of [`root`].
pub(super) fn template<'d>(
    document: &'d ExecutableDocument,
    operation: &'d Positioned<OperationDefinition>,
    with: (&'d Values, Uses<'d>),
    types: &'d Types,
    limits: &Limits,
) -> Result<Option<Template>, Refusal> {
    let mut builder = NormalFormBuilder::new(document, with, types, limits);
    builder.open = Some(Open {
        fields: Vec::new(),
        path: Vec::new(),
        varies: Cell::new(false),
    });

    let set = builder.root(operation)?;
    Ok(builder.open.filter(|open| !open.varies.get()).map(|open| Template {
        set,
        open: open.fields,
        used: builder.uses.used(),
        is_heavy: builder.is_heavy,
        is_steady: builder.is_steady,
        is_cheap: false,
    }))
}

struct NormalFormBuilder<'d> {
    document: &'d ExecutableDocument,
    types: &'d Types,
    values: &'d Values,
    uses: Uses<'d>,
    is_heavy: bool,
    is_steady: bool,
    /// Selections that may still be made.
    left: usize,
    merged: usize,
    /// A template is made: there are no values.
    open: Option<Open>,
}

/// What a template has beside the form.
struct Open {
    fields: Vec<OpenField>,
    /// Which selection of each set is being made.
    path: Vec<usize>,
    /// The shape depends on variables.
    varies: Cell<bool>,
}

impl<'d> NormalFormBuilder<'d> {
    fn new(
        document: &'d ExecutableDocument,
        (values, uses): (&'d Values, Uses<'d>),
        types: &'d Types,
        limits: &Limits,
    ) -> Self {
        Self {
            document,
            types,
            values,
            uses,
            is_heavy: false,
            is_steady: true,
            left: limits.merged,
            merged: limits.merged,
            open: None,
        }
    }

    fn root(&mut self, operation: &'d Positioned<OperationDefinition>) -> Result<Positioned<SelectionSet>, Refusal> {
        let set = &operation.node.selection_set;
        let Some(root) = self.types.root(operation.node.ty) else {
            return Err(Refusal::new(
                Code::ValidationFailed,
                "the schema has no such operations",
            ));
        };

        let formed = self.set(&[&set.node], root, set.pos)?;
        if operation.node.ty == OperationType::Subscription && formed.node.items.is_empty() {
            let message = "the subscription's root field is skipped: there is nothing to hear of";
            return Err(Refusal::new(Code::BadUserInput, message).at(set.pos.line, set.pos.column));
        }
        Ok(formed)
    }

    /// Makes the selection at this place of a set.
    fn at<T>(&mut self, place: usize, make: impl FnOnce(&mut Self) -> Result<T, Refusal>) -> Result<T, Refusal> {
        if let Some(open) = &mut self.open {
            open.path.push(place);
        }
        let made = make(self)?;
        if let Some(open) = &mut self.open {
            open.path.pop();
        }
        Ok(made)
    }

    /// Sets whose fields stand in one object of the answer, as one set.
    fn set(
        &mut self,
        sets: &[&'d SelectionSet],
        parent: &'d TypeDef,
        pos: Pos,
    ) -> Result<Positioned<SelectionSet>, Refusal> {
        let mut items = Vec::new();
        let Some(composite) = parent.composite() else {
            return Ok(Positioned::new(SelectionSet { items }, pos));
        };
        let objects: Vec<_> = composite
            .possible
            .iter()
            .filter_map(|name| self.types.get(name))
            .collect();
        let collected: Vec<_> = objects
            .iter()
            .map(|object| self.collect(sets, object))
            .collect::<Result<_, _>>()?;

        // What every object has first, and the parent has itself, stands for all of them.
        let shared = shared(&collected, parent, self.types);
        if let Some(first) = collected.first() {
            for group in first.values().take(shared) {
                let field = self.at(items.len(), |this| this.field(group, parent))?;
                items.push(field);
            }
        }

        // The rest stands under the object's own name, in its order.
        for (object, collected) in objects.iter().zip(&collected) {
            if collected.len() > shared {
                let own = self.at(items.len(), |this| {
                    let mut own = Vec::new();
                    for group in collected.values().skip(shared) {
                        let field = this.at(own.len(), |this| this.field(group, object))?;
                        own.push(field);
                    }
                    Ok(own)
                })?;
                items.push(self.inline(object, own, pos)?);
            }
        }
        Ok(Positioned::new(SelectionSet { items }, pos))
    }

    /// The fields that an object has, by response key.
    fn collect(&self, sets: &[&'d SelectionSet], object: &TypeDef) -> Result<Collected<'d>, Refusal> {
        let mut collected = Collected::new();
        let mut seen = HashSet::new();
        for set in sets {
            self.collect_into(&mut collected, set, object, &mut seen)?;
        }
        Ok(collected)
    }

    fn collect_into(
        &self,
        collected: &mut Collected<'d>,
        set: &'d SelectionSet,
        object: &TypeDef,
        seen: &mut HashSet<&'d str>,
    ) -> Result<(), Refusal> {
        let applies = |condition: &TypeCondition| self.types.applies(condition.on.node.as_str(), &object.name);
        for selection in &set.items {
            if !self.is_included(selection.node.directives())? {
                continue;
            }

            match &selection.node {
                Selection::Field(field) => {
                    let key = field.node.response_key().node.as_str();
                    collected.entry(key).or_default().push(field);
                }
                Selection::InlineFragment(inline) => {
                    let condition = inline.node.type_condition.as_ref();
                    if condition.is_none_or(|condition| applies(&condition.node)) {
                        self.collect_into(collected, &inline.node.selection_set.node, object, seen)?;
                    }
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    if seen.insert(name.as_str())
                        && let Some(fragment) = self.document.fragments.get(name)
                        && applies(&fragment.node.type_condition.node)
                    {
                        self.collect_into(collected, &fragment.node.selection_set.node, object, seen)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// `@skip` and `@include`, as their variables or literals say.
    ///
    /// # Errors
    /// A variable with a default may stand there, and may be null: that is an error, not a condition.
    fn is_included(&self, directives: &[Positioned<Directive>]) -> Result<bool, Refusal> {
        let mut is_included = true;
        for directive in directives {
            let name = &directive.node.name.node;
            let condition = directive.node.get_argument("if").map(|condition| &condition.node);
            let settled = match condition {
                Some(Value::Variable(variable)) => {
                    if let Some(open) = &self.open {
                        open.varies.set(true);
                        return Ok(false);
                    }
                    self.values.get(variable)
                }
                Some(Value::Boolean(settled)) => {
                    is_included &= (name == "include") == *settled;
                    continue;
                }
                _ => None,
            };
            let Some(ConstValue::Boolean(settled)) = settled else {
                let message = format!("`@{name}`: `if` is null, where `Boolean!` is wanted");
                let refusal = Refusal::new(Code::BadUserInput, message);
                return Err(refusal.at(directive.pos.line, directive.pos.column));
            };
            is_included &= (name == "include") == *settled;
        }
        Ok(is_included)
    }

    /// One field for all that have its key.
    fn field(
        &mut self,
        group: &[&'d Positioned<Field>],
        parent: &'d TypeDef,
    ) -> Result<Positioned<Selection>, Refusal> {
        self.spend()?;
        let Some(first) = group.first() else {
            return Err(Refusal::new(Code::Internal, "a response key has no field"));
        };

        let field = &first.node;
        let def = self.types.field(parent, field.name.node.as_str());
        let below = def
            .and_then(|def| self.types.named(&def.ty))
            .filter(|ty| ty.composite().is_some());
        let selection_set = match below {
            Some(below) => {
                let sets: Vec<_> = group.iter().map(|field| &field.node.selection_set.node).collect();
                self.set(&sets, below, field.selection_set.pos)?
            }
            None => Positioned::new(SelectionSet::default(), field.selection_set.pos),
        };

        let arguments = match def {
            Some(def) => self.arguments(first, def, parent)?,
            None => Vec::new(),
        };
        self.is_steady &= def.is_some_and(|def| def.is_steady);

        let formed = Field {
            alias: field.alias.clone(),
            name: field.name.clone(),
            arguments,
            directives: Vec::new(),
            selection_set,
        };
        // With a variable in its arguments it is the form that knows.
        let is_settled = self.open.is_none() || !formed.arguments.iter().any(|(_, value)| has_variable(&value.node));
        if let Some(def) = def.filter(|_| is_settled) {
            self.is_heavy |= def.heavy.is(&formed);
            self.is_steady &= !def.is_of_another_time(&formed);
        }
        Ok(Positioned::new(
            Selection::Field(Positioned::new(formed, first.pos)),
            first.pos,
        ))
    }

    /// A field's arguments as the library gets them. In a template those with variables wait for their values.
    fn arguments(
        &mut self,
        field: &'d Positioned<Field>,
        def: &FieldDef,
        parent: &TypeDef,
    ) -> Result<Vec<Argument>, Refusal> {
        let given = &field.node.arguments;
        if let Some(open) = &mut self.open
            && given.iter().any(|(_, value)| has_variable(&value.node))
        {
            open.fields.push(OpenField {
                path: open.path.clone(),
                parent: parent.name.clone(),
            });
            return Ok(given.clone());
        }

        let weight = self.uses.count(field, def)?;
        self.is_heavy |= weight.is_large();
        if let Some(open) = &self.open
            && weight.is_large()
        {
            // Whether they are looked at depends on who asks.
            open.varies.set(true);
        }
        Ok(literal::arguments(given, &def.arguments, self.values, self.types))
    }

    fn inline(
        &mut self,
        object: &TypeDef,
        items: Vec<Positioned<Selection>>,
        pos: Pos,
    ) -> Result<Positioned<Selection>, Refusal> {
        self.spend()?;
        let on = Positioned::new(Name::new(&object.name), pos);
        let inline = InlineFragment {
            type_condition: Some(Positioned::new(TypeCondition { on }, pos)),
            directives: Vec::new(),
            selection_set: Positioned::new(SelectionSet { items }, pos),
        };

        Ok(Positioned::new(
            Selection::InlineFragment(Positioned::new(inline, pos)),
            pos,
        ))
    }

    fn spend(&mut self) -> Result<(), Refusal> {
        let left = self.left.checked_sub(1);
        self.left = left.ok_or_else(|| {
            let what = "too many fields, written out for every type that a union or an interface may have";
            Refusal::limit("merged", what, self.merged)
        })?;
        Ok(())
    }
}

// Recursion follows brackets, which the meter has bounded.
fn has_variable(value: &Value) -> bool {
    match value {
        Value::Variable(_) => true,
        Value::List(items) => items.iter().any(has_variable),
        Value::Object(fields) => fields.values().any(has_variable),
        _ => false,
    }
}

/// How many keys all objects begin with, with the same fields, which `parent` has as well. For an object it is all of
/// them.
fn shared(collected: &[Collected<'_>], parent: &TypeDef, types: &Types) -> usize {
    let Some((first, others)) = collected.split_first() else {
        return 0;
    };

    let in_all = |at: usize, key: &str, group: &Group<'_>| {
        others.iter().all(|other| {
            other
                .get_index(at)
                .is_some_and(|(other_key, other)| *other_key == key && same_fields(group, other))
        })
    };
    let has = |group: &Group<'_>| {
        group
            .iter()
            .all(|field| types.field(parent, field.node.name.node.as_str()).is_some())
    };

    first
        .iter()
        .enumerate()
        .take_while(|(at, (key, group))| has(group) && in_all(*at, key, group))
        .count()
}

fn same_fields(one: &Group<'_>, other: &Group<'_>) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| std::ptr::eq(*one, *other))
}
