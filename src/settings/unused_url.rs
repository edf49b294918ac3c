//! A URL that is kept and not called.

use super::api::Api;
use crate::catalogue::{Statement, settings as said};

/// A URL that is kept and not called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnusedUrl {
    /// As it is stored; DingTalk's own where nothing else was.
    pub text: String,
    /// What the operator's list would have to name; `None`: the text is no URL.
    pub allow: Option<String>,
}

impl UnusedUrl {
    /// Why the call that it is the URL of isn't made, and what to do.
    pub(super) fn why_off(&self, api: Api) -> Statement {
        let field = api.field();
        match &self.allow {
            Some(host) => said::URL_KEPT_HOST_NOT_ALLOWED { field, host }.into(),
            None => said::URL_KEPT_NO_URL { field }.into(),
        }
    }

    /// What to do, within a list of fields.
    pub(super) fn remedy(&self) -> String {
        match &self.allow {
            Some(entry) => format!(
                "the operator does not allow its host. Have {entry} added to DINGMIRROR_ALLOWED_HOSTS, or write another URL"
            ),
            None => "it is no URL: write another one".to_owned(),
        }
    }
}
