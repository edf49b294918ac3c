//! The figures of `/metrics`. One registry a server, no globals: two servers can live in one process.

use std::sync::{Arc, Mutex, PoisonError};

use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::Registry,
};

use crate::graphql::admission::Code;

/// The routes, as figures name them.
pub(super) const ROUTES: [&str; 13] = [
    "/graphql",
    "/graphql/ws",
    "/",
    "/schema.graphql",
    "/graphiql",
    "/console",
    "/console/",
    "/console/{*path}",
    "/dingtalk/events",
    "/livez",
    "/readyz",
    "/metrics",
    OTHER,
];
/// Whatever is none of them.
pub(super) const OTHER: &str = "other";

/// The registry and the edge's own figures. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Metrics {
    registry: Arc<Mutex<Registry>>,
    requests: Family<RequestLabels, Counter>,
    durations: Family<RouteLabels, Histogram>,
    refusals: Family<RefusalLabels, Counter>,
    pub(super) in_flight: Gauge,
    pub(super) sockets: Gauge,
    /// Answers that were told again without being made.
    pub(super) told_again: Counter,
    panics: Counter,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    route: &'static str,
    method: &'static str,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    route: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RefusalLabels {
    code: String,
    limit: String,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("dingmirror");

        let requests = Family::<RequestLabels, Counter>::default();
        registry.register("http_requests", "HTTP requests answered", requests.clone());
        let durations = Family::<RouteLabels, Histogram>::new_with_constructor(|| {
            Histogram::new(exponential_buckets(0.000_1, 4.0, 10))
        });
        registry.register(
            "http_request_seconds",
            "Time to the head of the answer",
            durations.clone(),
        );

        let refusals = Family::<RefusalLabels, Counter>::default();
        registry.register(
            "graphql_refusals",
            "GraphQL requests refused, by code and limit",
            refusals.clone(),
        );

        let in_flight = Gauge::default();
        registry.register(
            "http_requests_in_flight",
            "HTTP requests being answered",
            in_flight.clone(),
        );
        let sockets = Gauge::default();
        registry.register("websocket_connections", "Open WebSocket connections", sockets.clone());
        let told_again = Counter::default();
        registry.register(
            "graphql_answers_told_again",
            "GraphQL answers that were kept from before",
            told_again.clone(),
        );
        let panics = Counter::default();
        registry.register("http_panics", "Requests that met a fault of the server", panics.clone());

        // There from the start, so that a rate over the first of them is right.
        for route in ROUTES {
            let method = if route == "/graphql" { "POST" } else { "GET" };
            let answered = RequestLabels {
                route,
                method,
                status: 200,
            };
            drop(durations.get_or_create(&RouteLabels { route }));
            drop(requests.get_or_create(&answered));
        }
        for code in [Code::Unauthenticated, Code::RateLimited, Code::Timeout, Code::Internal] {
            let refused = RefusalLabels {
                code: code.as_str().to_owned(),
                limit: String::new(),
            };
            drop(refusals.get_or_create(&refused));
        }

        Self {
            registry: Arc::new(Mutex::new(registry)),
            requests,
            durations,
            refusals,
            in_flight,
            sockets,
            told_again,
            panics,
        }
    }
}

impl Metrics {
    /// Registers figures of other rooms; names get the prefix `dingmirror_`.
    pub fn register(&self, add: impl FnOnce(&mut Registry)) {
        add(&mut self.registry.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub(super) fn request(&self, route: &'static str, method: &axum::http::Method, status: u16, seconds: f64) {
        self.requests
            .get_or_create(&RequestLabels {
                route,
                method: known(method),
                status,
            })
            .inc();

        self.durations.get_or_create(&RouteLabels { route }).observe(seconds);
    }

    /// A request that was not run, or met a fault.
    pub(super) fn refused(&self, code: &str, limit: Option<&str>) {
        if code == Code::Internal.as_str() {
            self.panics.inc();
        }
        self.refusals
            .get_or_create(&RefusalLabels {
                code: code.to_owned(),
                limit: limit.unwrap_or_default().to_owned(),
            })
            .inc();
    }

    /// The text format of OpenMetrics.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        let registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        // Writing to a String cannot fail.
        let _ = encode(&mut text, &registry);
        text
    }
}

/// Callers may invent methods; labels are never theirs to choose.
fn known(method: &axum::http::Method) -> &'static str {
    ["GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH"]
        .into_iter()
        .find(|name| *name == method.as_str())
        .unwrap_or("other")
}

/// Keeps a gauge one higher for as long as it lives.
pub(super) struct GaugeGuard(Gauge);

impl GaugeGuard {
    pub(super) fn new(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for GaugeGuard {
    fn drop(&mut self) {
        self.0.dec();
    }
}
