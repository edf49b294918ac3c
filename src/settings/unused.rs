//! What the form shows and the server doesn't use: a stored value stays as it is until somebody changes it, whatever the
//! operator allows meanwhile.

use url::Url;

use super::{
    api::Api,
    error::{SettingsError, SettingsErrorCode},
    hosts::AllowedHosts,
    values::Settings,
};

/// A URL that is kept and not called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnusedUrl {
    /// As it is stored; DingTalk's own where nothing else was.
    pub text: String,
    /// What the operator's list would have to name; `None`: the text is no URL.
    pub allow: Option<String>,
}

impl Settings {
    /// A call's URL as the form shows it: the one that is called, or the one that is kept and not called; `None`: off.
    pub fn shown_url(&self, api: Api) -> Option<&str> {
        let used = self.urls.get(&api).map(Url::as_str);
        used.or_else(|| self.unused_urls.get(&api).map(|unused| unused.text.as_str()))
    }

    /// Keeps `text` as a call's URL, and calls it if the operator's list has it.
    pub(super) fn place_url(&mut self, api: Api, text: &str, hosts: &AllowedHosts) {
        self.clear_url(api);
        match Url::parse(text) {
            Ok(url) if hosts.permits(&url) => drop(self.urls.insert(api, url)),
            parsed => {
                let unused = UnusedUrl {
                    text: text.to_owned(),
                    allow: parsed.ok().and_then(|url| AllowedHosts::entry_for(&url)),
                };
                self.unused_urls.insert(api, unused);
            }
        }
    }

    /// Every URL back to its default.
    pub(super) fn reset_urls(&mut self, hosts: &AllowedHosts) {
        for api in Api::ALL {
            self.place_url(api, api.default_url().as_str(), hosts);
        }
    }

    /// Switches a call off.
    pub(super) fn clear_url(&mut self, api: Api) {
        self.urls.remove(&api);
        self.unused_urls.remove(&api);
    }

    /// Whether `text` is what the form shows of a URL that isn't called: whoever gives the form back as it was changes nothing.
    pub(super) fn keeps_unused(&self, api: Api, text: Option<&str>) -> bool {
        let unused = self.unused_urls.get(&api);
        unused.is_some_and(|unused| text.map(str::trim) == Some(&unused.text))
    }

    /// The fields whose value is kept and not used, each with the reason and what to do, and of a URL what the operator's list
    /// would have to name.
    pub fn unused(&self) -> Vec<(SettingsError, Option<String>)> {
        use SettingsErrorCode::{HostNotAllowed, Invalid};
        let secret = self.unreadable_secret.map(|_| {
            let message = "appSecret is stored and can't be opened: it was sealed with another DINGMIRROR_SECRET_KEY. \
                Have the server started with that key, or set appSecret again";
            (SettingsError::new("appSecret", Invalid, message), None)
        });
        let urls = self.unused_urls.iter().map(|(api, unused)| {
            let field = api.field();
            let error = match &unused.allow {
                Some(entry) => SettingsError::new(
                    field,
                    HostNotAllowed,
                    format!(
                        "{field} is kept and not called: the operator does not allow its host. \
                         Have {entry} added to DINGMIRROR_ALLOWED_HOSTS, or write another URL"
                    ),
                ),
                None => SettingsError::new(field, Invalid, format!("{field} is kept and no URL: write another one")),
            };
            (error, unused.allow.clone())
        });
        secret.into_iter().chain(urls).collect()
    }
}
