//! What the answer to one call proves.

use std::time::Duration;

use super::check::Finding;
use crate::{
    catalogue::checks as said,
    dingtalk::{Class, Error, ErrorKind},
    settings::Api,
};

/// How long one call may take. DingTalk's own gateway gives up after 3 s.
const LONGEST: Duration = Duration::from_secs(6);

/// What came of one call.
pub(super) type Answer<T> = Result<T, Unanswered>;

/// Why there is nothing to go on with.
#[derive(Debug, Clone)]
pub(super) enum Unanswered {
    /// DingTalk, or somebody in between, refused it; or there is no way to DingTalk.
    Error(Box<Error>),
    /// It took too long.
    TooLate,
}

/// Makes a call, within its time.
pub(super) async fn ask<T>(call: impl Future<Output = Result<T, Error>>) -> Answer<T> {
    match tokio::time::timeout(LONGEST, call).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(Unanswered::Error(Box::new(error))),
        Err(_) => Err(Unanswered::TooLate),
    }
}

/// What a call for records proves. That DingTalk doesn't show one of them, or doesn't have it, is an answer: the call
/// is known, and the app may make it.
pub(super) fn of_reading<T>(api: Api, answer: &Answer<T>) -> Finding {
    match answer {
        Ok(_) => works(api),
        Err(Unanswered::Error(error)) if matches!(error.class(), Class::Scope | Class::Gone) => works(api),
        Err(unanswered) => of_failure(api, unanswered),
    }
}

/// What the refusal of a message to nobody proves.
pub(super) fn of_sending(answer: &Answer<()>) -> Finding {
    match answer {
        Ok(()) => Finding::passed(said::SEND_URL_PROVED {}),
        Err(Unanswered::Error(error))
            if is_about_the_message(error) || error.kind == ErrorKind::WrongAgent && error.api == Api::AsyncSend =>
        {
            Finding::passed(said::SEND_URL_PROVED {})
        }
        Err(unanswered) => of_failure(Api::AsyncSend, unanswered),
    }
}

/// What the refusal of a message to nobody says of the agent id.
pub(super) fn of_agent(answer: &Answer<()>) -> Finding {
    match answer {
        Err(Unanswered::Error(error)) if error.kind == ErrorKind::WrongAgent && error.api == Api::AsyncSend => {
            told(Finding::failed(said::AGENT_ID_REFUSED {}), error)
        }
        Err(Unanswered::Error(error)) if !is_about_the_message(error) => Finding::skipped(said::AGENT_ID_UNTESTED {}),
        Err(Unanswered::TooLate) => Finding::skipped(said::AGENT_ID_UNTESTED {}),
        Ok(()) | Err(Unanswered::Error(_)) => Finding::limited(said::AGENT_ID_ACCEPTED {}),
    }
}

/// DingTalk looked at the message, and found it wanting.
fn is_about_the_message(error: &Error) -> bool {
    let kinds = [ErrorKind::BadRequest, ErrorKind::BadContent, ErrorKind::BadRecipient];
    error.api == Api::AsyncSend && kinds.contains(&error.kind)
}

/// What a call without a token proves: that the URL is right.
pub(super) fn of_knocking(api: Api, answer: &Answer<()>, has_token: bool) -> Finding {
    let field = api.field();
    match answer {
        Ok(()) if has_token => Finding::passed(said::URL_PROVED { field }),
        Ok(()) => Finding::limited(said::URL_PROVED_WITHOUT_TOKEN { field }),
        Err(unanswered) => of_failure(api, unanswered),
    }
}

pub(super) fn works(api: Api) -> Finding {
    Finding::passed(said::CALL_WORKS { field: api.field() })
}

/// What it means that a call failed.
pub(super) fn of_failure(api: Api, unanswered: &Unanswered) -> Finding {
    let field = api.field();
    let error = match unanswered {
        Unanswered::TooLate => return Finding::limited(said::CALL_UNANSWERED { field }),
        Unanswered::Error(error) => error,
    };

    // The call itself was never made for want of a token, which is told where it belongs.
    if error.api == Api::GetToken && api != Api::GetToken {
        return Finding::skipped(said::CALL_UNTESTED { field });
    }
    let finding = match error.kind {
        // It says nothing of the settings, and will have passed in a while.
        ErrorKind::Unavailable
        | ErrorKind::OutcomeUnknown
        | ErrorKind::Throttled
        | ErrorKind::Banned
        | ErrorKind::DayLimit
        | ErrorKind::Cancelled => Finding::limited(said::CALL_UNANSWERED { field }),
        // Wherever the form asks for a URL, this one is wrong.
        ErrorKind::WrongUrl | ErrorKind::NotSent | ErrorKind::Undecodable => {
            Finding::failed(said::CALL_UNUSABLE { field })
        }
        _ if api.is_required() => Finding::failed(said::CALL_UNUSABLE { field }),
        _ => Finding::limited(said::CALL_UNUSABLE { field }),
    };
    told(finding, error)
}

/// With what DingTalk said, and what to do about it.
fn told(finding: Finding, error: &Error) -> Finding {
    Finding {
        dingtalk_code: error.code.clone(),
        ..finding.remedied(error.message.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::{super::check::CheckState, *};
    use crate::catalogue::Statement;

    fn refused(api: Api, kind: ErrorKind) -> Unanswered {
        Unanswered::Error(Box::new(Error {
            api,
            kind,
            code: Some("1".into()),
            message: Statement::other("why, and what to do"),
            retry_after: None,
        }))
    }

    #[test]
    fn a_failure_is_the_settings_fault_where_it_is_and_passes_where_it_does() {
        use CheckState::{Failed, Limited, Skipped};
        for (api, kind, state) in [
            (Api::UserGet, ErrorKind::MissingPermission, Failed),
            (Api::UserList, ErrorKind::MissingPermission, Limited),
            (Api::UserList, ErrorKind::WrongUrl, Failed),
            (Api::UserGet, ErrorKind::NotSent, Failed),
            (Api::UserGet, ErrorKind::Unavailable, Limited),
            (Api::UserGet, ErrorKind::Throttled, Limited),
            (Api::UserGet, ErrorKind::Banned, Limited),
            (Api::UserGet, ErrorKind::IpNotAllowed, Failed),
            (Api::GetToken, ErrorKind::BadCredentials, Failed),
        ] {
            let finding = of_failure(api, &refused(api, kind));
            assert_eq!(finding.state, state, "{api:?} {kind:?}");
            assert_eq!(
                finding.remedy.map(|it| it.to_string()).as_deref(),
                Some("why, and what to do")
            );
        }

        let untested = of_failure(Api::UserGet, &refused(Api::GetToken, ErrorKind::BadCredentials));
        assert_eq!(
            (untested.state, untested.remedy),
            (Skipped, None),
            "it is told of the token alone"
        );
    }

    #[test]
    fn the_refusal_of_a_message_to_nobody_proves_the_url_and_may_disprove_the_agent() {
        use CheckState::{Failed, Limited, Passed, Skipped};
        for (kind, url, agent) in [
            (ErrorKind::BadRequest, Passed, Limited),
            (ErrorKind::BadContent, Passed, Limited),
            (ErrorKind::BadRecipient, Passed, Limited),
            (ErrorKind::WrongAgent, Passed, Failed),
            (ErrorKind::MissingPermission, Failed, Skipped),
            (ErrorKind::WrongUrl, Failed, Skipped),
            (ErrorKind::UnknownCode, Failed, Skipped),
            (ErrorKind::Unavailable, Limited, Skipped),
        ] {
            let answer = Err(refused(Api::AsyncSend, kind));
            assert_eq!(
                (of_sending(&answer).state, of_agent(&answer).state),
                (url, agent),
                "{kind:?}"
            );
        }
        assert_eq!((of_sending(&Ok(())).state, of_agent(&Ok(())).state), (Passed, Limited));
    }
}
