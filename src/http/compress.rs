//! Compression takes a core for as long as it goes on: so only some answers are compressed at once, beside the
//! runtime's workers, and what never changes is compressed once and cached.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::Request,
    http::{HeaderValue, header},
    response::Response,
};
use http_body_util::BodyExt;
use tokio::{
    runtime::Handle,
    sync::{OnceCell, Semaphore},
};
use tower_http::{
    CompressionLevel,
    compression::{
        CompressionLayer,
        predicate::{And, DefaultPredicate, Predicate, SizeAbove},
    },
};

use super::{etag, finished::finished, observe::CallerName};

/// Stands in an answer whose body is always the same: the name of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct ConstantBody(pub(super) String);

/// Compressed bodies by what they are and their coding; each is made once.
type CompressedBodies = HashMap<(ConstantBody, String), Arc<OnceCell<Bytes>>>;

/// Bytes that go in one packet anyway: what is not longer isn't compressed.
const ONE_PACKET: u64 = 1_024;

type Layer = CompressionLayer<And<DefaultPredicate, SizeAbove>>;

/// The compressors that are free, and what they are never needed for again.
pub(super) struct Compressors {
    /// For what is compressed once: smaller counts for more than sooner.
    constant: Layer,
    layer: Layer,
    known: Arc<Semaphore>,
    anonymous: Arc<Semaphore>,
    cached: Arc<Mutex<CompressedBodies>>,
}

/// As many as leave a core to everything else.
pub(super) fn compressors() -> Compressors {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let layer = |level| {
        CompressionLayer::new()
            .quality(level)
            .compress_when(DefaultPredicate::new().and(SizeAbove::new(ONE_PACKET)))
    };
    Compressors {
        constant: layer(CompressionLevel::Default),
        layer: layer(CompressionLevel::Fastest),
        known: Arc::new(Semaphore::new(cores.saturating_sub(1).clamp(1, 8))),
        anonymous: Arc::new(Semaphore::new(1)),
        cached: Arc::default(),
    }
}

/// Compresses an answer that is worth it, if the caller takes a coding. `accepted`: their `Accept-Encoding`.
pub(super) async fn compressed(
    compressors: &Compressors,
    accepted: Vec<HeaderValue>,
    has_body: bool,
    mut response: Response,
) -> Response {
    if !accepted.is_empty()
        && response
            .body()
            .size_hint()
            .exact()
            .is_none_or(|bytes| bytes > ONE_PACKET)
    {
        let mut head = Request::new(Body::empty());
        for accepted in accepted {
            head.headers_mut().append(header::ACCEPT_ENCODING, accepted);
        }
        let is_constant = response.extensions().get::<ConstantBody>().is_some();
        let layer = if is_constant {
            &compressors.constant
        } else {
            &compressors.layer
        };
        // It chooses the coding, and begins when the body is read.
        response = finished(layer, head, response).await;
    }

    let constant = response.extensions_mut().remove::<ConstantBody>();
    let coding = response.headers().get(header::CONTENT_ENCODING);
    let Some(coding) = coding.and_then(|coding| coding.to_str().ok()).map(ToOwned::to_owned) else {
        return response;
    };
    etag::of_coding(&mut response, &coding);
    if !has_body {
        return response;
    }

    let cached = constant.map(|body| compressors.cached(body, coding));
    let places = match response.extensions().get::<CallerName>() {
        Some(_) => compressors.known.clone(),
        None => compressors.anonymous.clone(),
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
