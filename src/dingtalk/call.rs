//! One call: token, limit, attempt, judgement, and again where that is right.

use std::{future::Future, pin::Pin, time::Duration};

use secrecy::ExposeSecret;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;
use url::Url;

use super::{
    blamed::CallKey,
    class::Class,
    codes::{Meaning, Rest},
    envelope,
    error::{Error, ErrorKind},
    failure::AttemptFailure,
    fields::{self, Object},
    limiter::Throttle,
    pauses, remedy,
    retry::{NextStep, Repeat, Tries, settle},
    session::Session,
    stats::CallOutcome,
    token::{AccessToken, GrantedToken},
    transport::TransportError,
};
use crate::{settings::Api, word::word};

impl Session {
    /// The answer's object where `errcode` is 0. `json`: the body; without it the call is a GET.
    pub(super) async fn call(&self, api: Api, json: Option<&str>, repeat: Repeat) -> Result<Object, Error> {
        let span = tracing::debug_span!(
            "dingtalk.call",
            dingtalk.api = api.path(),
            dingtalk.code = tracing::field::Empty,
            attempts = tracing::field::Empty,
            duration_ms = tracing::field::Empty,
        );

        let started = Instant::now();
        let mut attempts = 0;
        let outcome = self
            .persist(api, json, repeat, &mut attempts)
            .instrument(span.clone())
            .await;

        span.record(
            "duration_ms",
            u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        );
        span.record("attempts", attempts);
        if let Err(error) = &outcome {
            span.record("dingtalk.code", error.code.as_deref().unwrap_or("-"));
            tracing::debug!(parent: &span, kind = word(&error.kind), "{}", error.message);
        }

        outcome
    }

    /// Attempts, until one is answered or no further one makes sense.
    async fn persist(&self, api: Api, json: Option<&str>, repeat: Repeat, attempts: &mut u32) -> Result<Object, Error> {
        let shared = &self.shared;
        let Some(url) = self.connection.urls.get(&api) else {
            return Err(Error::not_configured(api, self.connection.why_off(api)));
        };

        let host = pauses::owner(url).unwrap_or_default();
        let key = CallKey {
            api,
            body: json.map(str::to_owned),
        };
        let mut tries = Tries::new(api, repeat);
        let mut waiting = None;

        loop {
            let token = self.turn(api, url, repeat).await?;
            *attempts += 1;
            shared.counters.called(api);
            self.tally.leaves();
            let mut failure = match self.attempt(api, url, json, token.as_ref()).await {
                Ok(object) => {
                    shared.counters.ended(api, CallOutcome::Ok);
                    shared.silences.answered(api);
                    shared.blamed.answered(host, &key);
                    return Ok(object);
                }
                Err(failure) => self.blame(host, &key, repeat, failure),
            };

            self.tally.failed(failure.kind);
            let outcome = CallOutcome::of_failure(failure.kind);
            shared.counters.ended(api, outcome);
            failure.kind = settle(failure.kind, repeat);
            // A refusal is an answer: whoever gives one isn't silent.
            if outcome == CallOutcome::Refused {
                shared.silences.answered(api);
            } else {
                let why = self.error(api, &failure, token.as_ref(), None).message;
                waiting = Some(shared.silences.failed(api, why, waiting.take()));
            }

            let banned_for = self.note(url, &failure, token.as_ref()).await;
            match tries.next(&failure, repeat, &shared.waits, shared.max_attempts, Instant::now()) {
                NextStep::Renew if self.unless_closed(api, self.may_renew(token.as_ref())).await? => {}
                NextStep::Wait(wait) => self.unless_closed(api, sleep(wait)).await?,
                NextStep::Pause(rest, wait) => self.rest(api, url, rest, wait),
                NextStep::Renew | NextStep::GiveUp => {
                    // This call gives up; the others still have to slow down.
                    let retry_after = match failure.kind {
                        ErrorKind::Throttled => Some(self.slow_down(api, url, &failure)),
                        _ => banned_for,
                    };
                    return Err(self.error(api, &failure, token.as_ref(), retry_after));
                }
            }
        }
    }

    /// Waits until an attempt may leave: at a host that bans nobody, with a token, within the limit.
    async fn turn(&self, api: Api, url: &Url, repeat: Repeat) -> Result<Option<AccessToken>, Error> {
        let shared = &self.shared;
        if let Some(left) = shared.pauses.left(url) {
            return Err(self.banned(api, left));
        }

        let token = match api {
            Api::GetToken => None,
            _ => {
                let token = self.unless_closed(api, self.token()).await?;
                Some(token.map_err(|error| without_token(error, repeat))?)
            }
        };

        // Biased: a call that is given up, or meets a ban that has just begun, never takes its turn.
        tokio::select! {
            biased;
            () = self.closed.cancelled() => Err(self.cancelled(api)),
            left = shared.pauses.begun(url) => Err(self.banned(api, left)),
            () = shared.limiter.wait(api, self.priority) => Ok(token),
        }
    }

    /// Whether a ban page is this call's own fault, and what other failures say of the host.
    fn blame(&self, host: &str, key: &CallKey, repeat: Repeat, failure: AttemptFailure) -> AttemptFailure {
        let blamed = &self.shared.blamed;
        // A question about one record: a firewall may object to that alone.
        let is_single = repeat == Repeat::Harmless && key.body.is_some();
        if is_single && failure.kind == ErrorKind::Banned {
            return match blamed.is_to_blame(host, key) {
                true => failure.of_one_request(),
                false => failure,
            };
        }

        // A refusal is an answer, too: the host bans nobody.
        if matches!(
            CallOutcome::of_failure(failure.kind),
            CallOutcome::Refused | CallOutcome::Throttled
        ) {
            blamed.answered(host, key);
        }
        failure
    }

    /// What a failure means for other calls, whatever becomes of this one. Gives for how long its host is left alone.
    async fn note(&self, url: &Url, failure: &AttemptFailure, token: Option<&AccessToken>) -> Option<Duration> {
        let shared = &self.shared;
        match failure.kind {
            ErrorKind::Throttled => shared.counters.throttled(),
            ErrorKind::Banned => {
                shared.pauses.start(url, shared.waits.ban);
                return Some(shared.waits.ban);
            }
            ErrorKind::MissingPermission => {
                if let Some(token) = token {
                    shared.tokens.app_token(&self.connection).lacks_permission(token).await;
                }
            }
            _ => {}
        }
        None
    }

    /// The others wait as long as this throttle asks for, and so would another try.
    fn slow_down(&self, api: Api, url: &Url, failure: &AttemptFailure) -> Duration {
        let least = failure.rest.long().least(&self.shared.waits);
        self.rest(api, url, failure.rest, least);
        least
    }

    /// Waits, unless no call is to be made any more.
    async fn unless_closed<T>(&self, api: Api, wait: impl Future<Output = T>) -> Result<T, Error> {
        let waited = self.closed.run_until_cancelled(wait).await;
        waited.ok_or_else(|| self.cancelled(api))
    }

    fn cancelled(&self, api: Api) -> Error {
        let failure = AttemptFailure::meaning(Meaning::of(ErrorKind::Cancelled), None, None);
        self.error(api, &failure, None, None)
    }

    /// Nobody makes the calls that DingTalk counts together with this one for so long.
    fn rest(&self, api: Api, url: &Url, rest: Rest, wait: Duration) {
        let limiter = &self.shared.limiter;
        match rest {
            Rest::Api(_) => limiter.throttled(api, Throttle::Own, wait),
            Rest::Platform => limiter.throttled(api, Throttle::Platform, wait),
            Rest::Host(_) => {
                let urls = self.connection.urls.iter();
                let same = urls.filter(|(_, other)| other.host_str() == url.host_str());
                same.for_each(|(api, _)| limiter.throttled(*api, Throttle::Own, wait));
            }
        }
    }

    async fn attempt(
        &self,
        api: Api,
        url: &Url,
        json: Option<&str>,
        token: Option<&AccessToken>,
    ) -> Result<Object, AttemptFailure> {
        let mut url = url.clone();
        match token {
            Some(token) => url
                .query_pairs_mut()
                .append_pair("access_token", token.text.expose_secret()),
            None => url
                .query_pairs_mut()
                .append_pair("appkey", &self.connection.app_key)
                .append_pair("appsecret", self.connection.app_secret.expose_secret()),
        };

        let reply = self
            .shared
            .transport
            .exchange(url, json.map(str::to_owned))
            .await
            .map_err(|error| match error {
                TransportError::NotSent(reason) => AttemptFailure::new(ErrorKind::NotSent, reason),
                TransportError::TimedOut => AttemptFailure::new(ErrorKind::OutcomeUnknown, "none in time"),
                TransportError::Broken(reason) => AttemptFailure::new(ErrorKind::OutcomeUnknown, reason),
                TransportError::TooLarge => AttemptFailure::new(ErrorKind::Undecodable, "more than 8 MB"),
            })?;

        envelope::open(api, &reply)
    }

    /// Boxed, because fetching a token is itself a call.
    fn token(&self) -> Pin<Box<dyn Future<Output = Result<AccessToken, Error>> + Send + '_>> {
        Box::pin(async move {
            let shared = &self.shared;
            shared
                .tokens
                .app_token(&self.connection)
                .get(&shared.waits, self.fetch_token())
                .await
        })
    }

    async fn fetch_token(&self) -> Result<GrantedToken, Error> {
        // Others wait for the same token: it is fetched, or not, for all of them.
        let fetching = self.until(CancellationToken::new()).tallied();
        let answer = fetching.call(Api::GetToken, None, Repeat::Harmless).await?;

        let token = fields::id(&answer, "access_token").ok_or_else(|| {
            self.error(
                Api::GetToken,
                &AttemptFailure::new(ErrorKind::Undecodable, "no access_token"),
                None,
                None,
            )
        })?;

        // Always 7200 so far; a missing or silly one must neither overflow nor make every call fetch a token.
        let seconds = fields::integer(&answer, "expires_in").unwrap_or(7200).clamp(60, 86_400);
        Ok(GrantedToken {
            token: token.into(),
            valid_for: Duration::from_secs(seconds.unsigned_abs()),
        })
    }

    /// What the answer to a call that is made once means for the others: a ban and a throttle are everybody's.
    pub(super) fn refused(&self, api: Api, url: &Url, failure: &AttemptFailure) -> Error {
        let shared = &self.shared;
        let retry_after = match failure.kind.class() {
            Class::Banned => {
                shared.pauses.start(url, shared.waits.ban);
                Some(shared.waits.ban)
            }
            Class::Throttled => {
                shared.counters.throttled();
                Some(self.slow_down(api, url, failure))
            }
            _ => None,
        };

        self.error(api, failure, None, retry_after)
    }

    pub(super) fn banned(&self, api: Api, left: Duration) -> Error {
        self.error(api, &AttemptFailure::banned(), None, Some(left))
    }

    async fn may_renew(&self, token: Option<&AccessToken>) -> bool {
        let shared = &self.shared;
        match token {
            Some(token) => {
                shared
                    .tokens
                    .app_token(&self.connection)
                    .refused(token, &shared.waits)
                    .await
            }
            None => false,
        }
    }

    pub(super) fn error(
        &self,
        api: Api,
        failure: &AttemptFailure,
        token: Option<&AccessToken>,
        retry_after: Option<Duration>,
    ) -> Error {
        let secrets = [
            self.connection.app_secret.expose_secret(),
            token.map_or("", |token| token.text.expose_secret()),
        ];

        Error {
            api,
            kind: failure.kind,
            code: failure.code.clone(),
            message: remedy::message(api, failure, &secrets),
            retry_after,
        }
    }
}

/// Without a token nothing left, so a message's fate isn't open.
fn without_token(error: Error, repeat: Repeat) -> Error {
    let open = matches!(
        error.class(),
        Class::Transient | Class::Undecodable | Class::UnknownOutcome
    );
    let kind = if repeat == Repeat::SendsAgain && open {
        ErrorKind::NotSent
    } else {
        error.kind
    };
    Error { kind, ..error }
}
