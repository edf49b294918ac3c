//! What a URL of the form must be.

use url::Url;

use super::{
    api::Api,
    hosts::{AllowedHosts, NotAllowed},
    spelling,
};
use crate::problem::{Problem, ProblemCode};

/// Longer than any gateway's URL.
const MAX_CHARS: usize = 512;

/// The URL for `api` that `text` means, or everything that is wrong with it. Messages never repeat what was written,
/// because people paste URLs with tokens in them.
pub(super) fn check(api: Api, text: &str, hosts: &AllowedHosts) -> Result<Url, Vec<Problem>> {
    use ProblemCode::*;
    let field = api.field();
    let error = |code, message: String| Problem::new(code, &[field], message);

    let text = text.trim();
    if text.is_empty() {
        return Err(vec![error(
            Required,
            format!("{field} is blank: write {}, or null for the default", api.default_url()),
        )]);
    }
    if text.chars().count() > MAX_CHARS {
        return Err(vec![error(
            TooLong,
            format!("{field} has more than {MAX_CHARS} characters"),
        )]);
    }

    let url = match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => url,
        _ => {
            return Err(vec![error(
                Invalid,
                format!("{field} is not a URL: it should look like {}", api.default_url()),
            )]);
        }
    };
    let url = normal(url);

    let mut errors = extras(field, &url);
    match hosts.check(&url) {
        Ok(()) => {}
        Err(NotAllowed::Plain) => errors.push(error(
            Invalid,
            format!("{field} must begin with https://: http:// would send the secret in the clear"),
        )),
        Err(NotAllowed::Host) => errors.push(error(
            HostNotAllowed,
            format!("the host of {field} is not allowed: the operator allows {hosts} (DINGMIRROR_ALLOWED_HOSTS)"),
        )),
    }
    errors.extend(check_path(api, &url));

    if errors.is_empty() { Ok(url) } else { Err(errors) }
}

/// What is wrong with a URL that has parts which the server adds itself.
fn extras(field: &str, url: &Url) -> Vec<Problem> {
    let extras = [
        (
            "a user name or password",
            !url.username().is_empty() || url.password().is_some(),
        ),
        ("a query (?…)", url.query().is_some()),
        ("a fragment (#…)", url.fragment().is_some()),
    ];

    let there = extras.iter().filter(|(_, there)| *there);
    there
        .map(|(what, _)| {
            let message = format!("{field} must not have {what}: the server adds what the call needs");
            Problem::new(ProblemCode::Invalid, &[field], message)
        })
        .collect()
}

fn check_path(api: Api, url: &Url) -> Option<Problem> {
    let (field, expected, path) = (api.field(), api.path(), url.path());
    if path.ends_with(expected) {
        return None;
    }

    // The longest first: a shorter path may be the end of another.
    let other = Api::ALL
        .into_iter()
        .filter(|other| path.ends_with(other.path()))
        .max_by_key(|other| other.path().len());
    if let Some(other) = other {
        let message = format!(
            "this is the URL of {}: the path of {field} ends with {expected}",
            other.field()
        );
        return Some(Problem::new(ProblemCode::Invalid, &[field], message));
    }

    Some(match spelling::corrected(path, expected) {
        Some(right) => {
            let origin = url.origin().ascii_serialization();
            let message = format!("{field} is misspelled: write {origin}{right}");
            Problem::new(ProblemCode::Misspelled, &[field], message)
        }
        None => {
            let message = format!(
                "the path of {field} must end with {expected}, as in {}",
                api.default_url()
            );
            Problem::new(ProblemCode::Invalid, &[field], message)
        }
    })
}

/// A host's trailing dot says nothing, but some servers refuse it.
fn normal(mut url: Url) -> Url {
    if let Some(host) = url
        .domain()
        .filter(|host| host.ends_with('.'))
        .map(|host| host.trim_end_matches('.').to_owned())
    {
        // A host that is nothing but dots stays as it is; the list of hosts doesn't have it.
        let _ = url.set_host(Some(&host));
    }
    url
}

#[cfg(test)]
mod tests {
    use super::{ProblemCode::*, *};

    fn codes(api: Api, text: &str) -> Vec<ProblemCode> {
        let hosts = AllowedHosts::parse("oapi.dingtalk.com oapi.dingtalk.io gateway.corp 127.0.0.1").expect("a list");
        check(api, text, &hosts)
            .err()
            .unwrap_or_default()
            .into_iter()
            .map(|error| error.code)
            .collect()
    }

    #[test]
    fn urls_of_the_form_are_accepted_or_refused_by_kind() {
        for (api, text, expected) in [
            (Api::GetToken, "https://oapi.dingtalk.com/gettoken", vec![]),
            (Api::GetToken, " https://OAPI.DINGTALK.COM.:443/gettoken\n", vec![]),
            (Api::GetToken, "https://oapi.dingtalk.io/gettoken", vec![]),
            (
                Api::UserGet,
                "https://gateway.corp/ding/talk/topapi/v2/user/get",
                vec![],
            ),
            (Api::UserGet, "http://127.0.0.1:8081/topapi/v2/user/get", vec![]),
            (Api::GetToken, "", vec![Required]),
            (Api::GetToken, "  ", vec![Required]),
            (Api::GetToken, "oapi.dingtalk.com/gettoken", vec![Invalid]),
            (Api::GetToken, "ftp://oapi.dingtalk.com/gettoken", vec![Invalid]),
            (Api::GetToken, "javascript:alert(1)", vec![Invalid]),
            (Api::GetToken, "file:///gettoken", vec![Invalid]),
            (Api::GetToken, "http://oapi.dingtalk.com/gettoken", vec![Invalid]),
            (Api::GetToken, "https://u:p@oapi.dingtalk.com/gettoken", vec![Invalid]),
            (
                Api::GetToken,
                "https://oapi.dingtalk.com/gettoken?appkey=x#y",
                vec![Invalid, Invalid],
            ),
            (Api::GetToken, "https://evil.example/gettoken", vec![HostNotAllowed]),
            (
                Api::GetToken,
                "https://oapi.dingtalk.com@evil.example/gettoken",
                vec![Invalid, HostNotAllowed],
            ),
            (Api::GetToken, "http://169.254.169.254/gettoken", vec![HostNotAllowed]),
            (
                Api::GetToken,
                "https://evil.example/getoken",
                vec![HostNotAllowed, Misspelled],
            ),
            (
                Api::DepartmentListSub,
                "https://oapi.dingtalk.com/topapi/v2/departement/listsub",
                vec![Misspelled],
            ),
            (
                Api::AsyncSend,
                "https://oapi.dingtalk.com/topapi/message/corpcorversation/asynsend_v2",
                vec![Misspelled],
            ),
            (
                Api::UserGet,
                "https://oapi.dingtalk.com/topapi/v2/user/getbymobile",
                vec![Invalid],
            ),
            (
                Api::GetToken,
                "https://oapi.dingtalk.com/v1.0/oauth2/accessToken",
                vec![Invalid],
            ),
        ] {
            assert_eq!(codes(api, text), expected, "{text}");
        }

        assert_eq!(
            codes(Api::GetToken, &format!("https://oapi.dingtalk.com/{}", "x".repeat(600))),
            [TooLong]
        );
    }

    #[test]
    fn messages_show_the_right_url_or_the_field_that_it_belongs_to_and_never_the_query() {
        let hosts = AllowedHosts::dingtalk();
        let say = |api, text: &str| {
            check(api, text, &hosts)
                .expect_err("refused")
                .into_iter()
                .map(|e| e.message)
                .collect::<String>()
        };

        let send = say(
            Api::AsyncSend,
            "https://oapi.dingtalk.com/topapi/message/corpcorversation/asynsend_v2?access_token=T0KEN",
        );
        assert!(
            send.contains("write https://oapi.dingtalk.com/topapi/message/corpconversation/asyncsend_v2"),
            "{send}"
        );
        assert!(!send.contains("T0KEN"), "{send}");

        let other = say(Api::UserGet, "https://oapi.dingtalk.com/topapi/v2/user/getbymobile");
        assert!(other.contains("the URL of userGetByMobileUrl"), "{other}");

        // The defaults are no exception: only what the operator's list names is called.
        let gateway = AllowedHosts::parse("gateway.corp").expect("a list");
        let own = check(Api::UserGet, Api::UserGet.default_url().as_str(), &gateway).expect_err("refused");
        assert_eq!(own[0].code, HostNotAllowed);

        let host = say(Api::UserGet, "https://evil.example/topapi/v2/user/get");
        assert!(
            host.contains("oapi.dingtalk.com") && host.contains("DINGMIRROR_ALLOWED_HOSTS"),
            "{host}"
        );
    }

    #[test]
    fn every_default_is_accepted_by_its_own_rules() {
        for api in Api::ALL {
            assert_eq!(check_path(api, &api.default_url()), None);
            assert!(AllowedHosts::dingtalk().check(&api.default_url()).is_ok());
        }
    }
}
