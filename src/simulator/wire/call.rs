//! Reading a request.

use axum::body::to_bytes;
use axum::extract::Request;
use http::{HeaderMap, Method};
use serde_json::{Map, Value};

use super::CallArgs;

/// Bodies beyond this are not read. The largest legal one is a notification with 5,000 userids.
const LARGEST_BODY: usize = 1 << 20;

/// A request, read.
pub(crate) struct Call {
    /// The path, such as `/topapi/v2/user/get`.
    pub(crate) path: String,
    /// The HTTP method.
    pub(crate) method: Method,
    /// The headers.
    pub(crate) headers: HeaderMap,
    /// Query and body together; the body wins.
    pub(crate) args: CallArgs,
    /// The query's or the form's `access_token`; one in a JSON body is not seen.
    pub(crate) token: Option<String>,
    /// True when the body could not be read as JSON or as a form.
    pub(crate) malformed: bool,
    /// True when the body was a form.
    pub(crate) form: bool,
}

impl Call {
    /// Reads query and body.
    pub(crate) async fn read(request: Request) -> Self {
        let (parts, body) = request.into_parts();
        let mut values = form_values(parts.uri.query().unwrap_or_default().as_bytes());
        let content_type = parts
            .headers
            .get("content-type")
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let form = content_type
            .to_ascii_lowercase()
            .starts_with("application/x-www-form-urlencoded");

        let mut malformed = false;
        match to_bytes(body, LARGEST_BODY).await {
            Ok(bytes) if bytes.iter().all(u8::is_ascii_whitespace) => {}
            Ok(bytes) if form => values.extend(form_values(&bytes)),
            Ok(bytes) => match serde_json::from_slice::<Map<String, Value>>(&bytes) {
                Ok(mut body) => {
                    body.remove("access_token");
                    values.extend(body);
                }
                Err(_) => malformed = true,
            },
            Err(_) => malformed = true,
        }

        let token = values
            .remove("access_token")
            .and_then(|value| value.as_str().map(str::to_owned));

        Self {
            path: parts.uri.path().to_owned(),
            method: parts.method,
            headers: parts.headers,
            token: token.filter(|token| !token.trim().is_empty()),
            args: CallArgs::new(values),
            malformed,
            form,
        }
    }

    /// True on `/topapi/…`, whose errors are wrapped and whose answers carry a request id.
    pub(crate) fn is_topapi(&self) -> bool {
        self.path.starts_with("/topapi/")
    }
}

fn form_values(bytes: &[u8]) -> Map<String, Value> {
    let pairs = url::form_urlencoded::parse(bytes);
    pairs
        .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
        .collect()
}
