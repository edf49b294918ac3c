//! GraphiQL and the console, built from `console/` and embedded: they work in networks without internet.

use axum::{
    Extension,
    extract::Path,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use rust_embed::{EmbeddedFile, RustEmbed};

use super::{compress::ConstantBody, response::problem};
use crate::graphql::admission::{Code, Refusal};

/// `make console` fills the folder; without it the binary still builds.
#[derive(RustEmbed)]
#[folder = "console/dist/"]
#[allow_missing = true]
struct Built;

/// Nothing is loaded from elsewhere. GraphiQL's editor writes style attributes, hence the one `'unsafe-inline'`.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; worker-src 'self'; \
     connect-src 'self'; font-src 'self' data:; img-src 'self' data:; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'";

/// Vite puts a hash of the content into these names.
const HASHED: &str = "assets/";

const MISSING: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>dingmirror</title>\
    <h1>The console was not built</h1><p>This binary was compiled without its web pages. Run <code>make console</code> \
    (it needs Node.js and npm), compile again, and come back.</p>\
    <p>The API is at <code>/graphql</code>, its schema at <a href=\"/schema.graphql\">/schema.graphql</a>.</p></html>";

/// The GraphiQL page.
pub(super) async fn graphiql(headers: HeaderMap) -> Response {
    match Built::get("graphiql.html") {
        Some(page) => serve("graphiql.html", &page, &headers),
        None => {
            let mut response = (StatusCode::NOT_FOUND, Html(MISSING)).into_response();
            protect(&mut response);
            response
        }
    }
}

/// What the pages load.
pub(super) async fn file(Path(path): Path<String>, headers: HeaderMap) -> Response {
    match Built::get(&path) {
        Some(file) => serve(&path, &file, &headers),
        None => problem(
            StatusCode::NOT_FOUND,
            Refusal::new(Code::NotFound, "the console has no such file"),
        ),
    }
}

fn serve(path: &str, file: &EmbeddedFile, headers: &HeaderMap) -> Response {
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

    protect(&mut response);
    response
}

fn protect(response: &mut Response) {
    response
        .headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
}
