//! What is said of failures: what happened, and what to do, with the settings field or the permission by name.

use super::{error::ErrorKind, failure::AttemptFailure};
use crate::{
    catalogue::{Entry, Statement, dingtalk as said},
    settings::Api,
};

/// DingTalk's texts are cut at so many characters.
const QUOTED: usize = 200;

/// What happened and the remedy. DingTalk's own words come last, and without `secrets`.
pub(super) fn message(api: Api, failure: &AttemptFailure, secrets: &[&str]) -> Statement {
    let answer = failure.said.as_deref().map(|said| redact(said, secrets));
    let said = answer.as_deref().unwrap_or_default();
    let entry = failure.says.unwrap_or_else(|| words(failure.kind));

    let code = failure.code.as_deref().filter(|code| !code.is_empty());
    Statement::pick(
        entry,
        &[
            ("field", api.field().into()),
            ("path", api.path().into()),
            ("code", code.map(|code| shorten(&redact(code, secrets))).into()),
            (
                "permission",
                permission(said).unwrap_or_else(|| permission_of(api).to_owned()).into(),
            ),
            ("address", address(said).map(|it| it.to_string()).into()),
            (
                "answer",
                answer.as_deref().filter(|said| !said.is_empty()).map(shorten).into(),
            ),
        ],
    )
}

/// A kind's own words: those of its usual codes, and of what comes without a code.
const fn words(kind: ErrorKind) -> &'static Entry {
    match kind {
        // Whoever finds the settings wanting says so themselves.
        ErrorKind::NotConfigured => &said::DINGTALK_REFUSED,
        ErrorKind::BadCredentials => &said::DINGTALK_BAD_CREDENTIALS,
        ErrorKind::BadToken => &said::DINGTALK_BAD_TOKEN,
        ErrorKind::NoToken => &said::DINGTALK_NO_TOKEN,
        ErrorKind::WrongAgent => &said::DINGTALK_WRONG_AGENT,
        ErrorKind::MissingPermission => &said::DINGTALK_PERMISSION_MISSING,
        ErrorKind::OutOfScope => &said::DINGTALK_DEPARTMENT_OUT_OF_SCOPE,
        ErrorKind::NotFound => &said::DINGTALK_NO_SUCH_EMPLOYEE,
        ErrorKind::Throttled => &said::DINGTALK_THROTTLED,
        ErrorKind::DayLimit => &said::DINGTALK_DAY_LIMIT,
        ErrorKind::QuotaExhausted => &said::DINGTALK_QUOTA_EXHAUSTED,
        ErrorKind::IpNotAllowed => &said::DINGTALK_ADDRESS_NOT_ALLOWED,
        ErrorKind::Banned => &said::DINGTALK_BANNED,
        ErrorKind::WrongUrl => &said::DINGTALK_URL_UNKNOWN,
        ErrorKind::BadRequest => &said::DINGTALK_BAD_REQUEST,
        ErrorKind::BadContent => &said::DINGTALK_BAD_CONTENT,
        ErrorKind::BadRecipient => &said::DINGTALK_BAD_RECIPIENT,
        ErrorKind::Refused => &said::DINGTALK_REFUSED,
        ErrorKind::UnknownCode => &said::DINGTALK_CODE_UNKNOWN,
        ErrorKind::Unavailable => &said::DINGTALK_UNAVAILABLE,
        ErrorKind::NotSent => &said::DINGTALK_NO_CONNECTION,
        ErrorKind::OutcomeUnknown => &said::DINGTALK_OUTCOME_UNKNOWN,
        ErrorKind::Undecodable => &said::DINGTALK_ANSWER_ODD,
        ErrorKind::Cancelled => &said::DINGTALK_CANCELLED,
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
        message(api, &failure(api, kind, code, said), &["T0KEN"]).to_string()
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
