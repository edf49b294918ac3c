//! What a Forge Invocation Token says: the token that Atlassian signs for each call of a Forge app to its remote.
//!
//! Source: "Forge Remote essentials" and "invocation contract" of developer.atlassian.com, and tokens that people have
//! shown. It has `iss`, `aud`, `iat`, `nbf`, `exp` and `jti` as other tokens, no `sub`, and beside them:
//!
//! * `app`: the app's `id`, which `aud` is, too; its `installationId`, which newer tokens repeat as `installation.id`;
//!   `apiBaseUrl` with the site's cloud id in it; which `module` called.
//! * `context`: what the app's front end was opened on, where one called; its `cloudId` and `accountId`.
//! * `principal`: the account of whoever uses the app. Where no front end called, it is who set something off, or
//!   nobody, and acts for nobody here.
//! * `icLabel`: the token is one of Atlassian's Isolated Cloud, which has keys and hosts of its own.

use serde::Deserialize;

use super::{
    forge_fault::ForgeFault,
    raw_claims::{OneOrMany, RawClaims},
    refusal::TokenError,
};

/// `iss` of these tokens.
pub const FORGE_ISSUER: &str = "forge/invocation-token";

/// What every app's id begins with.
pub const APP_ARI: &str = "ari:cloud:ecosystem::app/";

/// What other ids of Atlassian begin with; no account's does.
const ARI: &str = "ari:";

/// Modules that call without anybody looking at them, by the part of their type behind the colon.
const WITHOUT_A_FACE: [&str; 6] = [
    "trigger",
    "scheduledTrigger",
    "webtrigger",
    "consumer",
    "function",
    "dynamicModule",
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct App {
    id: String,
    installation_id: String,
    api_base_url: Option<String>,
    installation: Option<Installation>,
    module: Option<Module>,
}

#[derive(Deserialize)]
struct Installation {
    id: Option<String>,
    contexts: Option<Vec<InstalledOn>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InstalledOn {
    api_base_url: Option<String>,
    cloud_id: Option<String>,
}

#[derive(Deserialize)]
struct Module {
    #[serde(rename = "type")]
    kind: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Context {
    cloud_id: Option<String>,
    account_id: Option<String>,
}

/// Who calls: the account of who uses the app, or the installation. `audience` is the token's; `apps` and `cloud_ids`
/// are the operator's.
pub(super) fn subject(
    raw: &RawClaims,
    audience: &OneOrMany,
    apps: &[String],
    cloud_ids: &[String],
) -> Result<String, TokenError> {
    if raw.claim("icLabel").is_some() {
        return Err(ForgeFault::IsolatedCloud.into());
    }

    let app: App = raw.optional("app").ok().flatten().ok_or(ForgeFault::App)?;
    if !audience.has(&app.id) || !apps.contains(&app.id) {
        return Err(ForgeFault::AnotherApp.into());
    }

    let installation = app.installation.as_ref();
    let again = installation.and_then(|it| it.id.as_ref());
    if app.installation_id.trim().is_empty() {
        return Err(ForgeFault::App.into());
    }
    if again.is_some_and(|id| *id != app.installation_id) {
        return Err(ForgeFault::Installation.into());
    }

    let context: Option<Context> = raw.optional("context").map_err(|_| ForgeFault::Context)?;
    check_site(&app, context.as_ref(), cloud_ids)?;
    let principal: Option<String> = raw.optional("principal").map_err(|_| ForgeFault::Principal)?;
    Ok(user(&app, context.as_ref(), principal)?.unwrap_or(app.installation_id))
}

/// Every cloud id that the token has is the same, and one of the operator's.
fn check_site(app: &App, context: Option<&Context>, cloud_ids: &[String]) -> Result<(), ForgeFault> {
    let installed = app.installation.iter().flat_map(|it| it.contexts.iter().flatten());
    let of_installation = installed.flat_map(|on| {
        let by_url = on.api_base_url.as_deref().and_then(cloud_id_in);
        [on.cloud_id.as_deref(), by_url]
    });
    let own = [
        context.and_then(|it| it.cloud_id.as_deref()),
        app.api_base_url.as_deref().and_then(cloud_id_in),
    ];
    let mut found = own.into_iter().chain(of_installation).flatten();

    let first = found.next();
    if found.any(|other| Some(other) != first) {
        return Err(ForgeFault::Sites);
    }
    let is_taken = first.is_some_and(|id| cloud_ids.iter().any(|taken| taken == id));
    if !cloud_ids.is_empty() && !is_taken {
        return Err(ForgeFault::AnotherSite);
    }
    Ok(())
}

/// The cloud id in `https://api.atlassian.com/ex/confluence/CLOUD-ID`.
fn cloud_id_in(url: &str) -> Option<&str> {
    let (_, path) = url.split_once("://")?.1.split_once("/ex/")?;
    path.split('/').nth(1).filter(|id| !id.is_empty())
}

/// Who uses the app, where one of its front ends called.
fn user(app: &App, context: Option<&Context>, principal: Option<String>) -> Result<Option<String>, ForgeFault> {
    let kind = app.module.as_ref().and_then(|module| module.kind.as_deref());
    let has_face = kind.is_some_and(|kind| {
        let name = kind.rsplit(':').next().unwrap_or_default();
        !kind.starts_with("core:") && !WITHOUT_A_FACE.contains(&name)
    });
    let (Some(context), true) = (context, has_face) else {
        return Ok(None);
    };

    let is_another = |account: &String| Some(account) != principal.as_ref();
    if context.account_id.as_ref().is_some_and(is_another) {
        return Err(ForgeFault::Principal);
    }
    // An installation would be taken for a person, and a person for an installation.
    match principal {
        Some(account) if account.trim().is_empty() || account.starts_with(ARI) => Err(ForgeFault::Principal),
        other => Ok(other),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const APP: &str = "ari:cloud:ecosystem::app/d9e4002b";
    const INSTALLATION: &str = "ari:cloud:ecosystem::installation/11ac20df";
    const SITE: &str = "866c3a03-ec62";
    const ANNA: &str = "557058:3731f189";

    /// As somebody has shown one.
    fn token() -> Value {
        let base = format!("https://api.atlassian.com/ex/confluence/{SITE}");
        json!({
            "app": {
                "id": APP, "version": "5", "installationId": INSTALLATION, "apiBaseUrl": base,
                "environment": { "type": "DEVELOPMENT", "id": "ari:cloud:ecosystem::environment/d9e4002b/1e468bcd" },
                "module": { "type": "xen:macro", "key": "macro" },
                "installation": { "id": INSTALLATION, "contexts": [{ "name": "confluence", "apiBaseUrl": base }] },
            },
            "context": { "cloudId": SITE, "moduleKey": "macro", "accountType": "licensed", "accountId": ANNA },
            "principal": ANNA, "aud": APP, "iss": FORGE_ISSUER, "iat": 1, "nbf": 1, "exp": 25, "jti": "c900",
        })
    }

    fn read(token: &Value, cloud_ids: &[&str]) -> Result<String, TokenError> {
        let raw = RawClaims::read(token.to_string().as_bytes())?;
        let audience = raw.required("aud")?;
        let cloud_ids: Vec<_> = cloud_ids.iter().map(|id| (*id).to_owned()).collect();
        subject(&raw, &audience, &[APP.to_owned()], &cloud_ids)
    }

    /// The token with another value at this place.
    fn with(pointer: &str, value: Value) -> Value {
        let mut token = token();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        token.pointer_mut(parent).unwrap()[name] = value;
        token
    }

    #[test]
    fn a_person_calls_where_they_use_the_app_and_the_installation_everywhere_else() {
        assert_eq!(read(&token(), &[]).as_deref(), Ok(ANNA));
        assert_eq!(read(&with("/context/accountId", Value::Null), &[]).as_deref(), Ok(ANNA));
        for (pointer, value) in [
            ("/context", Value::Null),
            ("/app/module", Value::Null),
            ("/app/module/type", Value::Null),
            ("/app/module/type", json!("core:webtrigger")),
            ("/app/module/type", json!("core:anything")),
            ("/app/module/type", json!("scheduledTrigger")),
            ("/app/module/type", json!("avi:consumer")),
        ] {
            let told = read(&with(pointer, value.clone()), &[]);
            assert_eq!(told.as_deref(), Ok(INSTALLATION), "{pointer} {value}");
        }

        // Nobody in particular.
        let mut anonymous = with("/principal", Value::Null);
        anonymous["context"]["accountId"] = Value::Null;
        assert_eq!(read(&anonymous, &[]).as_deref(), Ok(INSTALLATION));
    }

    #[test]
    fn what_contradicts_itself_or_the_operator_is_refused() {
        use ForgeFault::{AnotherApp, App, Context, Installation, IsolatedCloud, Principal, Sites};
        let elsewhere = "https://api.atlassian.com/ex/confluence/another";
        for (pointer, value, fault) in [
            ("/icLabel", json!("ic1"), IsolatedCloud),
            ("/icLabel", json!(false), IsolatedCloud),
            ("/app", Value::Null, App),
            ("/app", json!([]), App),
            ("/app/id", Value::Null, App),
            ("/app/id", json!(format!("{APP}/")), AnotherApp),
            ("/app/id", json!("d9e4002b"), AnotherApp),
            ("/app/installationId", Value::Null, App),
            ("/app/installationId", json!(" "), App),
            ("/app/installationId", json!("another"), Installation),
            ("/app/installation/id", json!("another"), Installation),
            ("/context", json!("text"), Context),
            ("/context/cloudId", json!("another"), Sites),
            ("/app/apiBaseUrl", json!(elsewhere), Sites),
            ("/app/installation/contexts/0/apiBaseUrl", json!(elsewhere), Sites),
            ("/app/installation/contexts/0/cloudId", json!("another"), Sites),
            ("/principal", json!("557058:another"), Principal),
            ("/principal", Value::Null, Principal),
            ("/principal", json!(7), Principal),
        ] {
            let told = read(&with(pointer, value.clone()), &[]);
            assert_eq!(told, Err(fault.into()), "{pointer} {value}");
        }

        for nobody in [INSTALLATION, " "] {
            let mut token = with("/principal", json!(nobody));
            token["context"]["accountId"] = json!(nobody);
            assert_eq!(read(&token, &[]), Err(Principal.into()), "{nobody}");
        }
        // The audience is another of the operator's apps, and a list in which the app stands.
        let other = with("/aud", json!("ari:cloud:ecosystem::app/another"));
        assert_eq!(read(&other, &[]), Err(AnotherApp.into()));
        assert_eq!(read(&with("/aud", json!(["x", APP])), &[]).as_deref(), Ok(ANNA));
    }

    #[test]
    fn only_the_operators_sites_may_call() {
        assert_eq!(read(&token(), &["other", SITE]).as_deref(), Ok(ANNA));
        assert_eq!(read(&token(), &["other"]), Err(ForgeFault::AnotherSite.into()));
        // Nothing says which site.
        let mut token = with("/context/cloudId", Value::Null);
        token["app"]["apiBaseUrl"] = Value::Null;
        token["app"]["installation"]["contexts"] = Value::Null;
        assert_eq!(read(&token, &[]).as_deref(), Ok(ANNA));
        assert_eq!(read(&token, &[SITE]), Err(ForgeFault::AnotherSite.into()));
    }

    #[test]
    fn a_cloud_id_is_read_out_of_the_address() {
        for (url, id) in [
            ("https://api.atlassian.com/ex/confluence/866c", Some("866c")),
            ("https://api.atlassian.com/ex/jira/866c/", Some("866c")),
            ("https://api.atlassian.com/ex/confluence/", None),
            ("https://api.atlassian.com/ex/confluence", None),
            ("https://api.bitbucket.org/2.0", None),
            ("/ex/confluence/866c", None),
        ] {
            assert_eq!(cloud_id_in(url), id, "{url}");
        }
    }
}
