//! What the form shows and the server doesn't use: a stored value stays as it is until somebody changes it, whatever
//! the operator allows meanwhile.

use url::Url;

use super::{api::Api, hosts::AllowedHosts, unused_url::UnusedUrl, values::Settings};
use crate::{
    catalogue::{Statement, settings as said},
    problem::{Problem, ProblemCode},
};

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

    /// Whether `text` is what the form shows of a URL that isn't called: whoever gives the form back as it was changes
    /// nothing.
    pub(super) fn keeps_unused(&self, api: Api, text: Option<&str>) -> bool {
        let unused = self.unused_urls.get(&api);
        unused.is_some_and(|unused| text.map(str::trim) == Some(&unused.text))
    }

    /// The fields whose value is kept and not used, each with the reason and what to do, and of a URL what the
    /// operator's list would have to name.
    pub fn unused(&self) -> Vec<(Problem, Option<String>)> {
        use ProblemCode::{HostNotAllowed, Invalid};
        let secret = self.unreadable_secret.map(|_| {
            let message = said::SECRET_UNREADABLE {};
            (Problem::new(Invalid, &["appSecret"], message), None)
        });
        let urls = self.unused_urls.iter().map(|(api, unused)| {
            let code = unused.allow.as_ref().map_or(Invalid, |_| HostNotAllowed);
            let problem = Problem::new(code, &[api.field()], self.why_off(*api));
            (problem, unused.allow.clone())
        });

        secret.into_iter().chain(urls).collect()
    }

    /// Why a call isn't made, and what to do.
    pub fn why_off(&self, api: Api) -> Statement {
        let unused = self.unused_urls.get(&api);
        unused.map_or_else(|| api.not_set(), |unused| unused.why_off(api))
    }

    /// That these fields are [`missing`](Self::missing), and what to do about each.
    pub fn incomplete(&self, missing: &[&str]) -> Statement {
        let (fields, details) = (missing.join(", "), self.explained(missing).join(", "));
        said::SETTINGS_INCOMPLETE { fields, details }.into()
    }

    /// These of the fields that are [`missing`](Self::missing): by name alone where they are empty, with what to do
    /// where they are filled in and not used.
    pub fn explained(&self, missing: &[&str]) -> Vec<String> {
        let explained = |field: &&str| {
            let kept = self.unused_urls.iter().find(|(api, _)| api.field() == *field);
            match kept {
                Some((_, unused)) => format!("{field} (kept and not called: {})", unused.remedy()),
                None if *field == "appSecret" && self.unreadable_secret.is_some() => format!(
                    "{field} (it is stored, and this process can't open it, because it was sealed with another \
                     DINGMIRROR_SECRET_KEY: give this process the key that the others have; only where that key is lost, \
                     set appSecret again)"
                ),
                None => (*field).to_owned(),
            }
        };

        missing.iter().map(explained).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_and_not_called_is_told_apart_from_what_is_not_set() {
        let gateway = AllowedHosts::parse("gateway.corp").expect("a list");
        let mut settings = Settings::defaults_on(&gateway);
        let told = settings.why_off(Api::UserGet);
        assert!(told.is(&said::URL_KEPT_HOST_NOT_ALLOWED), "{told}");
        assert!(told.to_string().contains("oapi.dingtalk.com"), "{told}");

        settings.clear_url(Api::UserGet);
        assert_eq!(
            settings.why_off(Api::UserGet).to_string(),
            "userGetUrl is not set: fill it in in the settings"
        );

        let told = settings.explained(&["appKey", "userGetUrl", "getTokenUrl"]);
        assert_eq!(told[..2], ["appKey", "userGetUrl"]);
        assert!(told[2].starts_with("getTokenUrl (kept and not called: "), "{}", told[2]);
    }
}
