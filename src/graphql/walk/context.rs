//! What getters are told beside their object.

use async_graphql::ContextSelectionSet;

use crate::{
    auth::Caller,
    graphql::services::{AnsweredFrom, ContextExt, Searches, Services},
};

/// Who asks, and what the server works with.
#[derive(Clone, Copy)]
pub(crate) struct WalkContext<'w> {
    ctx: &'w ContextSelectionSet<'w>,
}

impl<'w> WalkContext<'w> {
    /// The context of this part of the document.
    pub(crate) fn new(ctx: &'w ContextSelectionSet<'w>) -> Self {
        Self { ctx }
    }
}

impl<'w> ContextExt<'w> for WalkContext<'w> {
    fn services(&self) -> &'w Services {
        self.ctx.data_unchecked::<Services>()
    }

    fn caller(&self) -> Option<&'w Caller> {
        self.ctx.data_opt::<Caller>()
    }

    fn answered_from(&self) -> Option<&'w AnsweredFrom> {
        self.ctx.data_opt::<AnsweredFrom>()
    }

    fn searches(&self) -> Option<&'w Searches> {
        self.ctx.data_opt::<Searches>()
    }
}
