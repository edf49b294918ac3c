//! What stands in for a variable while a template is rehearsed.

use std::{fmt, sync::Arc};

use minijinja::{
    Value,
    value::{Enumerator, Object},
};

/// Stands in for a variable: it has every part, and is a list of one.
#[derive(Debug)]
pub(super) struct StandIn;

impl Object for StandIn {
    fn get_value(self: &Arc<Self>, _: &Value) -> Option<Value> {
        Some(Value::from_object(Self))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(1)
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("x")
    }
}
