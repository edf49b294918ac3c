//! A URL that is kept and not called.

/// A URL that is kept and not called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnusedUrl {
    /// As it is stored; DingTalk's own where nothing else was.
    pub text: String,
    /// What the operator's list would have to name; `None`: the text is no URL.
    pub allow: Option<String>,
}

impl UnusedUrl {
    /// Why it isn't called, and what to do.
    pub(super) fn remedy(&self) -> String {
        match &self.allow {
            Some(entry) => format!(
                "the operator does not allow its host. Have {entry} added to DINGMIRROR_ALLOWED_HOSTS, or write another URL"
            ),
            None => "it is no URL: write another one".to_owned(),
        }
    }
}
