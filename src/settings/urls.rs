//! What a URL of the form must be.

use url::Url;

use super::{
    api::Api,
    hosts::{AllowedHosts, NotAllowed},
    spelling,
};
use crate::{
    catalogue::{Statement, settings as said},
    problem::{Problem, ProblemCode},
};

/// Longer than any gateway's URL.
const MAX_CHARS: usize = 512;

/// The URL for `api` that `text` means, or everything that is wrong with it. Messages never repeat what was written,
/// because people paste URLs with tokens in them. Only what would be accepted is suggested.
pub(super) fn check(api: Api, text: &str, hosts: &AllowedHosts) -> Result<Url, Vec<Problem>> {
    examined(api, text, hosts).map_err(|mut problems| {
        for problem in &mut problems {
            let suggestion = problem.suggestion.take();
            problem.suggestion = suggestion.filter(|it| examined(api, it, hosts).is_ok());
        }
        problems
    })
}

fn examined(api: Api, text: &str, hosts: &AllowedHosts) -> Result<Url, Vec<Problem>> {
    use ProblemCode::*;
    let field = api.field();
    let error = |code, message: Statement| Problem::new(code, &[field], message);
    let default = api.default_url();

    let text = text.trim();
    if text.is_empty() {
        let suggestion = default.as_str();
        let blank = error(Required, said::URL_BLANK { field, suggestion }.into());
        return Err(vec![blank.suggesting(suggestion)]);
    }
    if text.chars().count() > MAX_CHARS {
        let most = MAX_CHARS;
        return Err(vec![error(TooLong, said::URL_TOO_LONG { field, most }.into())]);
    }

    let url = match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => url,
        _ => {
            let suggestion = default.as_str();
            let wrong = error(Invalid, said::URL_FORM { field, suggestion }.into());
            return Err(vec![wrong.suggesting(suggestion)]);
        }
    };
    let url = normal(url);

    let mut errors = extras(field, &url);
    match hosts.check(&url) {
        Ok(()) => {}
        Err(NotAllowed::Plain) => {
            let plain = error(Invalid, said::URL_IN_THE_CLEAR { field }.into());
            errors.push(plain.suggesting(url.as_str().replacen("http://", "https://", 1)));
        }
        Err(NotAllowed::Host) => {
            let hosts = hosts.to_string();
            let refused = error(HostNotAllowed, said::HOST_NOT_ALLOWED { field, hosts }.into());
            errors.push(match near_host(api, &url) {
                Some(right) => refused.suggesting(right),
                None => refused,
            });
        }
    }
    errors.extend(check_path(api, &url));

    if errors.is_empty() { Ok(url) } else { Err(errors) }
}

/// What is wrong with a URL that has parts which the server adds itself.
fn extras(field: &str, url: &Url) -> Vec<Problem> {
    let has_credentials = !url.username().is_empty() || url.password().is_some();
    let extras: [Option<Statement>; 3] = [
        has_credentials.then(|| said::URL_WITH_CREDENTIALS { field }.into()),
        url.query().map(|_| said::URL_WITH_QUERY { field }.into()),
        url.fragment().map(|_| said::URL_WITH_FRAGMENT { field }.into()),
    ];

    let there = extras.into_iter().flatten();
    there
        .map(|message| Problem::new(ProblemCode::Invalid, &[field], message))
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
    let (origin, default) = (url.origin().ascii_serialization(), api.default_url());
    if let Some(other) = other {
        let message = said::URL_OF_ANOTHER_CALL {
            field,
            other: other.field(),
            path: expected,
        };
        let wrong = Problem::new(ProblemCode::Invalid, &[field], message);
        // What stands before a call's path stands before the others', too: a gateway's prefix. But the stream's host is
        // another one.
        let prefix = path.strip_suffix(other.path()).unwrap_or_default();
        let is_of_one_host = other.default_url().host_str() == default.host_str();
        let right = if is_of_one_host {
            format!("{origin}{prefix}{expected}")
        } else {
            default.to_string()
        };
        return Some(wrong.suggesting(right));
    }

    let (code, message, suggestion): (_, Statement, _) = match spelling::corrected(path, expected) {
        Some(right) => {
            let suggestion = format!("{origin}{right}");
            let message = said::URL_MISSPELLED {
                field,
                suggestion: &suggestion,
            };
            (ProblemCode::Misspelled, message.into(), suggestion)
        }
        None => {
            let suggestion = default.to_string();
            let message = said::URL_PATH_WRONG {
                field,
                path: expected,
                suggestion: &suggestion,
            };
            (ProblemCode::Invalid, message.into(), suggestion)
        }
    };
    Some(Problem::new(code, &[field], message).suggesting(suggestion))
}

/// The URL at DingTalk's own host, where the one that was written is nearly that.
fn near_host(api: Api, url: &Url) -> Option<String> {
    let default = api.default_url();
    let is_near = spelling::is_near(url.host_str()?, default.host_str()?);
    is_near.then(|| default.to_string())
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
                .map(|e| e.message.to_string())
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
    fn the_right_url_is_told_by_itself_where_it_is_known() {
        let hosts = AllowedHosts::parse("oapi.dingtalk.com api.dingtalk.com gateway.corp").expect("a list");
        for (api, text, right) in [
            (
                Api::AsyncSend,
                "https://gateway.corp/dt/topapi/message/corpcorversation/asynsend_v2",
                "https://gateway.corp/dt/topapi/message/corpconversation/asyncsend_v2",
            ),
            (
                Api::UserGet,
                "https://gateway.corp/dt/topapi/v2/department/get",
                "https://gateway.corp/dt/topapi/v2/user/get",
            ),
            (
                Api::GetToken,
                "https://api.dingtalk.com/v1.0/gateway/connections/open",
                "https://oapi.dingtalk.com/gettoken",
            ),
            (
                Api::GetToken,
                "https://oapi.dingtalk.con/gettoken",
                "https://oapi.dingtalk.com/gettoken",
            ),
            (
                Api::GetToken,
                "http://gateway.corp/gettoken",
                "https://gateway.corp/gettoken",
            ),
            (Api::GetToken, "gettoken", "https://oapi.dingtalk.com/gettoken"),
        ] {
            let problems = check(api, text, &hosts).expect_err("refused");
            assert_eq!(problems[0].suggestion.as_deref(), Some(right), "{text}");
            assert!(check(api, right, &hosts).is_ok(), "{right}");
        }

        let far = check(Api::GetToken, "https://evil.example/gettoken", &hosts).expect_err("refused");
        assert_eq!(far[0].suggestion, None, "nobody knows what was meant");

        let gateway = AllowedHosts::parse("gateway.corp").expect("a list");
        for text in [
            "https://oapi.dingtalk.con/gettoken",
            "gettoken",
            "https://evil.example/gettokn",
            "http://u:p@gateway.corp/gettoken?access_token=T0KEN",
        ] {
            for problem in check(Api::GetToken, text, &gateway).expect_err("refused") {
                assert_eq!(problem.suggestion, None, "{text}: it would be refused");
            }
        }
    }

    #[test]
    fn every_default_is_accepted_by_its_own_rules() {
        for api in Api::ALL {
            assert_eq!(check_path(api, &api.default_url()), None);
            assert!(AllowedHosts::dingtalk().check(&api.default_url()).is_ok());
        }
    }
}
