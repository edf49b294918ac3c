//! Failures in words: what happened, and what to do, with the settings field or the permission by name.

use super::{error::ErrorKind, failure::AttemptFailure};
use crate::settings::Api;

/// DingTalk's texts are cut at so many characters.
const QUOTED: usize = 200;

/// What happened and the remedy. DingTalk's own words come last, and without `secrets`.
pub(super) fn message(api: Api, failure: &AttemptFailure, secrets: &[&str]) -> String {
    let code = failure.code.as_deref().unwrap_or_default();
    let said = failure.said.as_deref().map(|said| redact(said, secrets));
    let text = if failure.says.is_empty() {
        words(api, failure.kind, said.as_deref().unwrap_or_default())
    } else {
        failure
            .says
            .replace("{field}", api.field())
            .replace("{path}", api.path())
    };

    let code = if code.is_empty() {
        String::new()
    } else {
        format!(" (code {})", shorten(&redact(code, secrets)))
    };

    match said.filter(|said| !said.is_empty()) {
        Some(said) => format!("{text}{code}. The answer: “{}”.", shorten(&said)),
        None => format!("{text}{code}."),
    }
}

/// A kind's own words: those of its usual codes, and of what comes without a code.
fn words(api: Api, kind: ErrorKind, said: &str) -> String {
    let (field, path) = (api.field(), api.path());
    match kind {
        ErrorKind::NotConfigured => said.to_owned(),
        ErrorKind::BadCredentials => {
            "DingTalk refuses appKey or appSecret: copy both again from the app's page in DingTalk's \
             developer console into the settings (the secret is case-sensitive)"
                .to_owned()
        }
        ErrorKind::BadToken => {
            "DingTalk refuses the access token even after a renewal: check that getTokenUrl and the other URLs \
             belong to the same DingTalk, and that appKey and appSecret are of the right app"
                .to_owned()
        }
        ErrorKind::NoToken => {
            "DingTalk gives no access token, so nothing was asked or sent; its answer tells why".to_owned()
        }
        ErrorKind::WrongAgent => {
            "DingTalk doesn't accept agentId for this app: copy the AgentId of the same app whose appKey is in \
             the settings"
                .to_owned()
        }
        ErrorKind::MissingPermission => format!(
            "the app lacks the permission {}: grant it in DingTalk's developer console; it is in force with the next access token, \
             which may take up to 2 hours",
            permission(said).unwrap_or_else(|| permission_of(api).to_owned())
        ),
        ErrorKind::OutOfScope => {
            "the department is outside the app's contact scope: widen the scope (权限范围) in DingTalk's \
             developer console"
                .to_owned()
        }
        ErrorKind::NotFound => "DingTalk knows no such current employee".to_owned(),
        ErrorKind::Throttled => {
            "DingTalk throttles this call, still after waiting: another program may be using the same app; try again \
             later"
                .to_owned()
        }
        ErrorKind::DayLimit => "DingTalk takes no more of these today: wait for the next day in Beijing".to_owned(),
        ErrorKind::QuotaExhausted => {
            "the company's quota of DingTalk calls is used up: wait for the next period or buy more in \
             DingTalk's developer console"
                .to_owned()
        }
        ErrorKind::IpNotAllowed => format!(
            "DingTalk doesn't accept calls from this server's address{}: add it to the app's IP white list (服务器出口IP) in DingTalk's \
             developer console",
            address(said).map(|ip| format!(" {ip}")).unwrap_or_default()
        ),
        ErrorKind::Banned => {
            "DingTalk's firewall bans this server's address for about five minutes, because some program behind \
             it calls too often; or a proxy answers in DingTalk's place"
                .to_owned()
        }
        ErrorKind::WrongUrl => {
            format!("DingTalk knows no such call: the URL in {field} has a typo; its path should end with {path}")
        }
        ErrorKind::BadRequest => "DingTalk doesn't accept the parameters of this call".to_owned(),
        ErrorKind::BadContent => "DingTalk doesn't accept the content of the message".to_owned(),
        ErrorKind::BadRecipient => "DingTalk doesn't accept a recipient".to_owned(),
        ErrorKind::Refused => {
            "DingTalk refuses this to the app: check the app's permissions and its state in DingTalk's developer \
             console"
                .to_owned()
        }
        ErrorKind::UnknownCode => {
            "DingTalk refuses this with a code that nobody here knows; its answer is all that is known".to_owned()
        }
        ErrorKind::Unavailable => "DingTalk gives no answer just now; try again later".to_owned(),
        ErrorKind::NotSent => format!("no connection to the host of {field}: check the URL, the network and the proxy"),
        ErrorKind::OutcomeUnknown => {
            "the request left, but no answer tells what became of it: it may have had its effect".to_owned()
        }
        ErrorKind::Undecodable => format!(
            "the answer isn't what DingTalk documents for {path}: check that the URL in {field} leads to DingTalk, not to a proxy's page"
        ),
        ErrorKind::Cancelled => "it was not to be sent any more before its turn came".to_owned(),
    }
}

/// The permission point that a call needs, as DingTalk's documentation says.
fn permission_of(api: Api) -> &'static str {
    match api {
        Api::DepartmentListSub | Api::DepartmentGet => "qyapi_get_department_list (通讯录部门信息读权限)",
        Api::UserListId | Api::UserGet | Api::UserCount => "qyapi_get_member (成员信息读权限)",
        Api::UserList => "qyapi_get_department_member",
        Api::UserGetByMobile => "qyapi_get_member_by_mobile",
        Api::GetToken
        | Api::AsyncSend
        | Api::AuthScopes
        | Api::GetSendProgress
        | Api::GetSendResult
        | Api::Recall
        | Api::CallBackFailedResult
        | Api::StreamOpen => "qyapi_base",
    }
}

/// The permission that the answer names: `{requiredScopes=[qyapi_get_member]}`, or `…所需的权限：[qyapi_get_member]，…`.
fn permission(said: &str) -> Option<String> {
    let start = said
        .find("requiredScopes=[")
        .map(|at| at + "requiredScopes=[".len())
        .or_else(|| said.find('[').map(|at| at + 1))?;
    let list = said[start..].split(']').next()?.trim();
    let plausible = |c: char| c.is_ascii_alphanumeric() || "_.-, ".contains(c);
    (!list.is_empty() && list.len() <= QUOTED && list.chars().all(plausible)).then(|| list.to_owned())
}

/// The address in `访问ip不在白名单之中,request ip=203.0.113.7 appKey(ding…)`.
fn address(said: &str) -> Option<std::net::IpAddr> {
    let text = said.split("request ip=").nth(1)?;
    text.split(|c: char| !(c.is_ascii_hexdigit() || c == '.' || c == ':'))
        .next()?
        .parse()
        .ok()
}

fn redact(said: &str, secrets: &[&str]) -> String {
    let mut said: String = said.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        said = said.replace(secret, "…");
    }
    said
}

fn shorten(said: &str) -> String {
    let mut short: String = said.chars().take(QUOTED).collect();
    if short.len() < said.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dingtalk::codes::{self, Meaning};

    fn failure(api: Api, kind: ErrorKind, code: &str, said: &str) -> AttemptFailure {
        let meaning = codes::meaning(api, code, said).unwrap_or(Meaning::of(ErrorKind::UnknownCode));
        assert_eq!(meaning.kind, kind);
        AttemptFailure::meaning(meaning, Some(code.into()), Some(said.into()))
    }

    fn say(api: Api, kind: ErrorKind, code: &str, said: &str) -> String {
        message(api, &failure(api, kind, code, said), &["T0KEN"])
    }

    #[test]
    fn messages_name_the_field_the_permission_or_the_address() {
        let credentials = say(
            Api::GetToken,
            ErrorKind::BadCredentials,
            "40096",
            "不合法的appKey或appSecret",
        );
        assert!(
            credentials.contains("appKey") && credentials.contains("40096"),
            "{credentials}"
        );

        let new = "应用尚未开通所需的权限：[qyapi_get_department_list]，点击链接申请并开通即可：https://x {requiredScopes=[qyapi_other]}";
        assert!(say(Api::UserGet, ErrorKind::MissingPermission, "60011", new).contains("permission qyapi_other:"));
        let bracket = "应用尚未开通所需的权限：[qyapi_get_department_list]，点击链接";
        assert!(
            say(Api::UserGet, ErrorKind::MissingPermission, "60011", bracket).contains("qyapi_get_department_list:")
        );

        let old = say(
            Api::UserGet,
            ErrorKind::MissingPermission,
            "60011",
            "没有调用该接口的权限",
        );
        assert!(
            old.contains("qyapi_get_member ") && old.contains("next access token"),
            "{old}"
        );

        let ip = say(
            Api::UserGet,
            ErrorKind::IpNotAllowed,
            "60020",
            "访问ip不在白名单之中,request ip=203.0.113.7 appKey(dingx)",
        );
        assert!(ip.contains("address 203.0.113.7:"), "{ip}");

        let typo = say(Api::DepartmentListSub, ErrorKind::WrongUrl, "22", "不合法ApiName");
        assert!(typo.contains("departmentListSubUrl has a typo"), "{typo}");
        assert!(say(Api::AsyncSend, ErrorKind::WrongAgent, "40056", "").contains("agentId"));
    }

    #[test]
    fn only_what_a_url_is_to_blame_for_blames_one() {
        use ErrorKind::*;
        for (api, kind, code) in [
            (Api::AsyncSend, UnknownCode, "987654"),
            (Api::UserGet, UnknownCode, "987654"),
            (Api::GetToken, NoToken, "987654"),
            (Api::AsyncSend, BadContent, "40048"),
            (Api::AsyncSend, BadRequest, "40"),
            (Api::AsyncSend, BadRequest, "40035"),
            (Api::AsyncSend, Refused, "41044"),
            (Api::AsyncSend, Refused, "70001"),
            (Api::AsyncSend, WrongAgent, "41020"),
        ] {
            let text = say(api, kind, code, "DingTalk's words");
            assert!(!text.contains("URL") && !text.contains("Url"), "{text}");
            assert!(
                text.ends_with("The answer: “DingTalk's words”.") && text.contains(code),
                "{text}"
            );
        }
    }

    #[test]
    fn quoted_answers_are_short_without_control_characters_and_without_secrets() {
        let text = say(
            Api::UserGet,
            ErrorKind::Unavailable,
            "1",
            &format!("T0KEN\n{}", "长".repeat(900)),
        );
        assert!(
            !text.contains("T0KEN") && !text.contains('\n') && text.chars().count() < 400,
            "{text}"
        );
    }
}
