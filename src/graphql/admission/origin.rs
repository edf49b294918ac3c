//! The true paths of errors.

use std::{any::Any, sync::Arc};

use async_graphql::{PathSegment, ServerError};

/// Where an error arose. A list replaces the path of an error that passes through it by that of its item.
struct Origin {
    path: Vec<PathSegment>,
    source: Option<Arc<dyn Any + Send + Sync>>,
}

/// Keeps the path that an error has. The innermost field sees its error first.
pub(crate) fn remember(mut error: ServerError) -> ServerError {
    if error.source::<Origin>().is_none() {
        let source = error.source.take();
        error.source = Some(Arc::new(Origin {
            path: error.path.clone(),
            source,
        }));
    }
    error
}

/// Gives an error the path back that it had at first.
pub(super) fn restore(error: &mut ServerError) {
    let origin = error
        .source::<Origin>()
        .map(|origin| (origin.path.clone(), origin.source.clone()));
    if let Some((path, source)) = origin {
        error.path = path;
        error.source = source;
    }
}
