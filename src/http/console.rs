//! GraphiQL and the console, built from `console/` and embedded: they work in networks without internet.

use axum::{
    Extension,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use rust_embed::{EmbeddedFile, RustEmbed};

use super::{compress::ConstantBody, response::problem, state::SharedState};
use crate::graphql::admission::{Code, Refusal};

/// `make console` fills the folder; without it the binary still builds.
#[derive(RustEmbed)]
#[folder = "console/dist/"]
#[allow_missing = true]
struct Built;

/// Nothing is loaded from elsewhere. GraphiQL's editor writes style attributes, hence the one `'unsafe-inline'`.
const GRAPHIQL_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     worker-src 'self'; connect-src 'self'; font-src 'self' data:; img-src 'self' data:; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'";

/// The console's, but for who may show it in a frame. It has no inline script and no inline style.
const CONSOLE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
     font-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors ";

/// Vite puts a hash of the content into these names.
const HASHED: &str = "assets/";

const MISSING: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>dingmirror</title>\
    <h1>The console was not built</h1><p>This binary was compiled without its web pages. Run <code>make console</code> \
    (it needs Node.js and npm), compile again, and come back.</p>\
    <p>The API is at <code>/graphql</code>, its schema at <a href=\"/schema.graphql\">/schema.graphql</a>.</p></html>";

/// The GraphiQL page.
pub(super) async fn graphiql(headers: HeaderMap) -> Response {
    page("graphiql.html", &headers, HeaderValue::from_static(GRAPHIQL_POLICY))
}

/// The console at its own address.
pub(super) async fn index(State(state): State<SharedState>, headers: HeaderMap) -> Response {
    console(&state, &headers)
}

/// What the pages load, and the console's own addresses, which its script tells apart.
pub(super) async fn below(State(state): State<SharedState>, Path(path): Path<String>, headers: HeaderMap) -> Response {
    if !is_file(&path) {
        return console(&state, &headers);
    }

    match Built::get(&path) {
        Some(file) => serve(&path, &file, &headers, HeaderValue::from_static(GRAPHIQL_POLICY)),
        None => problem(
            StatusCode::NOT_FOUND,
            Refusal::new(Code::NotFound, "the console has no such file"),
        ),
    }
}

/// Whether the path names a file: no address of the console has a dot in its last part, and none begins as files do.
fn is_file(path: &str) -> bool {
    let last = path.rsplit('/').next().unwrap_or(path);
    path.starts_with(HASHED) || last.contains('.')
}

fn console(state: &SharedState, headers: &HeaderMap) -> Response {
    let allowed = match state.config.frame_ancestors.as_slice() {
        [] => "'none'".to_owned(),
        origins => format!("'self' {}", origins.join(" ")),
    };
    // An origin is plain text: `config` has checked it.
    let policy = HeaderValue::from_str(&format!("{CONSOLE_POLICY}{allowed}"));
    page(
        "index.html",
        headers,
        policy.unwrap_or_else(|_| HeaderValue::from_static(GRAPHIQL_POLICY)),
    )
}

/// A page, or, in a binary that was built without, how to build it.
fn page(name: &str, headers: &HeaderMap, policy: HeaderValue) -> Response {
    match Built::get(name) {
        Some(page) => serve(name, &page, headers, policy),
        None => {
            let mut response = (StatusCode::NOT_FOUND, Html(MISSING)).into_response();
            response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
            response
        }
    }
}

fn serve(path: &str, file: &EmbeddedFile, headers: &HeaderMap, policy: HeaderValue) -> Response {
    // Weak, because what is sent is compressed or not.
    let tag = format!("W/\"{}\"", hex::encode(&file.metadata.sha256_hash()[..16]));
    let known = headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|one| one.trim().trim_start_matches("W/") == tag.trim_start_matches("W/"));

    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        (Extension(ConstantBody(path.to_owned())), file.data.clone()).into_response()
    };

    let cache = if path.starts_with(HASHED) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let mut kind = file.metadata.mimetype().to_owned();
    if kind.starts_with("text/") || kind.ends_with("javascript") {
        kind.push_str("; charset=utf-8");
    }

    let set = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, kind.as_str()),
        (header::ETAG, &tag),
        (header::CACHE_CONTROL, cache),
    ] {
        if let Ok(value) = HeaderValue::from_str(value) {
            set.insert(name, value);
        }
    }

    set.insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}

#[cfg(test)]
mod tests {
    use super::is_file;

    #[test]
    fn files_have_a_dot_or_lie_with_the_hashed_ones() {
        for path in ["assets/index-a1b2.js", "assets/nothing", "graphiql.html", "favicon.ico"] {
            assert!(is_file(path), "{path}");
        }
        for path in ["overview", "departments/1", "sync/", "messages/TWVzc2FnZTox", "v1.0/x"] {
            assert!(!is_file(path), "{path}");
        }
    }
}
