//! The plans of a request: each selection set is compiled once, however many objects it is selected of.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use async_graphql::{ContextSelectionSet, ServerResult};

use super::{
    plan::{ObjectPlan, compile},
    table::WalkObject,
};

/// What is compiled so far; stands in the request's data. A selection set is known by its place in memory, which it
/// keeps as long as the request.
#[derive(Default)]
pub struct Plans(Mutex<HashMap<(usize, TypeId), Arc<dyn Any + Send + Sync>>>);

impl Plans {
    /// The plan of the selection set of `ctx` for the objects `T`.
    pub(super) fn of<T: WalkObject>(ctx: &ContextSelectionSet<'_>) -> ServerResult<Arc<ObjectPlan<T>>> {
        let Some(plans) = ctx.data_opt::<Self>() else {
            return compile(ctx).map(Arc::new);
        };

        let key = (std::ptr::from_ref(ctx.item).addr(), TypeId::of::<T>());
        if let Some(known) = plans.get(key) {
            return Ok(known);
        }
        let plan = Arc::new(compile::<T>(ctx)?);
        let mut all = plans.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(key, plan.clone());
        Ok(plan)
    }

    fn get<T: WalkObject>(&self, key: (usize, TypeId)) -> Option<Arc<ObjectPlan<T>>> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(&key)?.clone().downcast().ok()
    }
}
