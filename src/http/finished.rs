//! Lets a layer of tower-http look at an answer that is there already. So a layer costs what it does, and only the
//! requests that need it: in a stack of layers each request makes a box and a copy for each of them.

use std::convert::Infallible;

use axum::{
    BoxError,
    body::{Body, Bytes, HttpBody},
    extract::Request,
    http,
    response::Response,
};
use tower::{Layer, Service, ServiceExt, service_fn, util::ServiceFn};

/// The service behind the layer: it has its answer.
type Answered = ServiceFn<Box<dyn FnMut(Request) -> std::future::Ready<Result<Response, Infallible>> + Send>>;

/// What `layer` makes of `response`, as an answer to a request with this head.
pub(super) async fn finished<L, B>(layer: &L, head: Request, response: Response) -> Response
where
    L: Layer<Answered>,
    L::Service: Service<Request, Response = http::Response<B>, Error = Infallible>,
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let mut response = Some(response);
    let answered: Answered = service_fn(Box::new(move |_| {
        std::future::ready(Ok(response.take().unwrap_or_default()))
    }));
    let Ok(response) = layer.layer(answered).oneshot(head).await;
    response.map(Body::new)
}
