//! Compression takes a core for as long as it goes on: so only some answers are compressed at once, beside the
//! runtime's workers, and what never changes is compressed once and cached.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    body::{Body, Bytes},
    extract::{Request, State},
    http::{Method, header},
    middleware::Next,
    response::Response,
};
use http_body_util::BodyExt;
use tokio::{
    runtime::Handle,
    sync::{OnceCell, Semaphore},
};

use super::observe::CallerName;

/// Stands in an answer whose body is always the same: the name of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct ConstantBody(pub(super) String);

/// Compressed bodies by what they are and their coding; each is made once.
type CompressedBodies = HashMap<(ConstantBody, String), Arc<OnceCell<Bytes>>>;

/// The compressors that are free, and what they are never needed for again.
#[derive(Clone)]
pub(super) struct Compressors {
    known: Arc<Semaphore>,
    anonymous: Arc<Semaphore>,
    cached: Arc<Mutex<CompressedBodies>>,
}

/// As many as leave a core to everything else.
pub(super) fn compressors() -> Compressors {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    Compressors {
        known: Arc::new(Semaphore::new(cores.saturating_sub(1).clamp(1, 8))),
        anonymous: Arc::new(Semaphore::new(1)),
        cached: Arc::default(),
    }
}

/// Outside of the compression, which has chosen the coding and not yet begun.
pub(super) async fn bound(State(compressors): State<Compressors>, request: Request, next: Next) -> Response {
    let has_body = request.method() != Method::HEAD;
    let mut response = next.run(request).await;
    let constant = response.extensions_mut().remove::<ConstantBody>();
    let coding = response.headers().get(header::CONTENT_ENCODING);
    let Some(coding) = coding.filter(|_| has_body).and_then(|coding| coding.to_str().ok()) else {
        return response;
    };

    let cached = constant.map(|body| compressors.cached(body, coding.to_owned()));
    let places = match response.extensions().get::<CallerName>() {
        Some(_) => compressors.known,
        None => compressors.anonymous,
    };

    let (parts, body) = response.into_parts();
    let compressed = match cached {
        Some(cached) => cached.get_or_try_init(|| compress(places, body)).await.cloned(),
        None => compress(places, body).await,
    };
    match compressed {
        Ok(compressed) => Response::from_parts(parts, Body::from(compressed)),
        // The runtime ends.
        Err(Broken) => Response::from_parts(parts, Body::empty()),
    }
}

/// Nothing came of it.
struct Broken;

impl Compressors {
    fn cached(&self, body: ConstantBody, coding: String) -> Arc<OnceCell<Bytes>> {
        let mut all = self.cached.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry((body, coding)).or_default().clone()
    }
}

/// Reads the body, which compresses it. Nobody is refused here: what was done is told, and whoever waits has paid for
/// the memory.
async fn compress(places: Arc<Semaphore>, body: Body) -> Result<Bytes, Broken> {
    let place = places.acquire_owned().await.map_err(|_| Broken)?;
    let runtime = Handle::current();
    let compressing = tokio::task::spawn_blocking(move || {
        let _place = place;
        runtime
            .block_on(body.collect())
            .map(http_body_util::Collected::to_bytes)
    });
    compressing.await.map_err(|_| Broken)?.map_err(|_| Broken)
}
