//! The normal form of an operation before its variables have values: what a document that comes again need not be
//! collected for anew. There is one where no condition has a variable: then variables stand in arguments alone.

use async_graphql::{
    Positioned,
    parser::types::{Field, Selection, SelectionSet},
};

use super::{
    super::{Limits, Refusal, Types},
    Formed,
    literal::{self, Values},
    uses::{Uses, Weight},
};

/// A normal form with its variables still in their places.
#[derive(Debug)]
pub(in crate::graphql::admission) struct Template {
    pub(super) set: Positioned<SelectionSet>,
    /// The fields that have variables in their arguments.
    pub(super) open: Vec<OpenField>,
    /// What the arguments of all other fields come to.
    pub(super) used: Weight,
    /// Of all other fields.
    pub(super) is_heavy: bool,
    pub(super) is_steady: bool,
    /// It costs little with any variables, however much there is of everything.
    pub(super) is_cheap: bool,
}

/// A field that has variables in its arguments.
#[derive(Debug)]
pub(super) struct OpenField {
    /// Which selection of each set leads to it.
    pub(super) path: Vec<usize>,
    /// The type that it is a field of.
    pub(super) parent: String,
}

impl Template {
    /// The selections, variables in their places.
    pub(in crate::graphql::admission) fn selections(&self) -> &SelectionSet {
        &self.set.node
    }

    /// The normal form with these values.
    ///
    /// # Errors
    /// The arguments are too large together; or they are large, and their field is for callers with a token.
    pub(in crate::graphql::admission) fn form(
        &self,
        values: &Values,
        types: &Types,
        limits: &Limits,
        known: bool,
    ) -> Result<Formed, Refusal> {
        let mut uses = Uses::new(values, limits, known).after(self.used);
        let (mut set, mut is_heavy, mut is_steady) = (self.set.clone(), self.is_heavy, self.is_steady);

        for open in &self.open {
            let def = types.get(&open.parent);
            let Some(field) = at(&mut set.node, &open.path) else {
                continue;
            };
            let Some(def) = def.and_then(|parent| types.field(parent, field.node.name.node.as_str())) else {
                continue;
            };

            let weight = uses.count(field, def)?;
            let arguments = literal::arguments(&field.node.arguments, &def.arguments, values, types);
            field.node.arguments = arguments;
            is_heavy |= weight.is_large() || def.heavy.is(&field.node);
            is_steady &= !def.is_of_another_time(&field.node);
        }

        Ok(Formed {
            set,
            is_heavy,
            is_steady,
            is_cheap: self.is_cheap,
        })
    }
}

/// The field that a path leads to.
fn at<'s>(set: &'s mut SelectionSet, path: &[usize]) -> Option<&'s mut Positioned<Field>> {
    let (first, rest) = path.split_first()?;
    match &mut set.items.get_mut(*first)?.node {
        Selection::Field(field) => {
            if rest.is_empty() {
                return Some(field);
            }
            at(&mut field.node.selection_set.node, rest)
        }
        Selection::InlineFragment(inline) => at(&mut inline.node.selection_set.node, rest),
        Selection::FragmentSpread(_) => None,
    }
}
