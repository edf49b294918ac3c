//! What stands in the form before anybody fills it in.

use std::collections::{BTreeMap, BTreeSet};

use url::Url;

use super::{
    api::Api,
    hosts::AllowedHosts,
    mode::DeliveryMode,
    values::{MatchingMethod, Settings},
};

impl Api {
    /// DingTalk's real URL.
    pub fn default_url(self) -> Url {
        let host = if self == Self::StreamOpen { "api" } else { "oapi" };
        let text = format!("https://{host}.dingtalk.com{}", self.path());
        Url::parse(&text).expect("the program's own URLs are URLs")
    }
}

impl Settings {
    /// The defaults: DingTalk's real URLs (optional ones included), EMAIL_TO_EMAIL, disabled.
    pub fn defaults() -> Self {
        Self {
            version: 0,
            agent_id: None,
            app_key: None,
            app_secret: None,
            unreadable_secret: None,
            urls: Api::ALL
                .into_iter()
                .map(|api| (api, api.default_url()))
                .collect::<BTreeMap<_, _>>(),
            unused_urls: BTreeMap::new(),
            matching_method: MatchingMethod::default(),
            delivery_mode: DeliveryMode::Off,
            redirect_to: None,
            include_departments: BTreeSet::new(),
            exclude_departments: BTreeSet::new(),
            updated_at: None,
            updated_by: None,
        }
    }

    /// The defaults that may be called: a call whose default URL the operator's list doesn't name has none. An optional
    /// one is off then, a required one [`missing`](Self::missing).
    pub fn defaults_on(hosts: &AllowedHosts) -> Self {
        let mut settings = Self::defaults();
        settings.reset_urls(hosts);
        settings
    }

    /// Fields without which something can't run, by their names in the form: `appKey`, `appSecret` and required URLs
    /// for every call, `agentId` for sending only.
    pub fn missing(&self) -> Vec<&'static str> {
        let set = [
            ("appKey", self.app_key.is_some()),
            ("appSecret", self.app_secret.is_some()),
            ("agentId", self.agent_id.is_some()),
        ];
        let fields = set.into_iter().filter(|(_, set)| !set).map(|(field, _)| field);
        let urls = Api::ALL
            .into_iter()
            .filter(|api| api.is_required() && !self.urls.contains_key(api));

        fields.chain(urls.map(Api::field)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_have_every_url_and_lack_only_the_credentials() {
        let mut settings = Settings::defaults();
        assert_eq!(settings.urls.len(), Api::ALL.len());
        assert_eq!(settings.missing(), ["appKey", "appSecret", "agentId"]);

        let gateway = AllowedHosts::parse("gateway.corp").expect("a list");
        assert!(Settings::defaults_on(&gateway).urls.is_empty());
        let standard = AllowedHosts::parse("oapi.dingtalk.com").expect("a list");
        let off: Vec<_> = Api::ALL
            .into_iter()
            .filter(|api| !Settings::defaults_on(&standard).urls.contains_key(api))
            .collect();
        assert_eq!(off, [Api::StreamOpen], "it is at api.dingtalk.com");

        settings.urls.remove(&Api::UserGet);
        settings.urls.remove(&Api::UserCount);
        assert_eq!(settings.missing(), ["appKey", "appSecret", "agentId", "userGetUrl"]);
    }
}
