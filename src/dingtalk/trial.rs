//! Calls that prove something about settings and have no effect: nobody is sent anything, nothing is taken back, and no
//! list is emptied.

use serde_json::json;

use super::{
    envelope,
    error::{Error, ErrorKind},
    failure::AttemptFailure,
    retry::Repeat,
    session::Session,
    stats::CallOutcome,
    tally::Tally,
    transport::TransportError,
};
use crate::settings::Api;

/// Calls that try credentials and URLs out. [`Client::trial`](super::Client::trial) makes it.
#[derive(Debug)]
pub struct Trial {
    session: Session,
    /// Calls that may count against the monthly quota.
    metered: Tally,
}

/// A mobile number that nobody in mainland China can have: they begin with 13 to 19.
const NOBODYS_NUMBER: &str = "10000000000";

impl Trial {
    pub(super) fn of(session: Session) -> Self {
        Self {
            session,
            metered: Tally::default(),
        }
    }

    /// For calls that only read.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// How many calls were made.
    pub fn calls(&self) -> u64 {
        self.session.shared.counters.read().calls.values().sum()
    }

    /// How many of them may count against the monthly quota.
    pub fn metered_calls(&self) -> u32 {
        self.metered.requests()
    }

    /// Whether an access token is given for the credentials: it is asked for anew.
    pub async fn token(&self) -> Result<(), Error> {
        self.session.call(Api::GetToken, None, Repeat::Harmless).await.map(drop)
    }

    /// A message without text to nobody, which DingTalk has to refuse: how it does that tells whether it would take one
    /// from this app. The error is the refusal.
    pub async fn send_nothing(&self) -> Result<(), Error> {
        let body = match self.session.connection.agent_id {
            Some(agent_id) => json!({ "agent_id": agent_id }),
            None => json!({}),
        };
        let body = body.to_string();
        let session = Session {
            tally: self.metered.clone(),
            ..self.session.clone()
        };
        session
            .call(Api::AsyncSend, Some(&body), Repeat::Harmless)
            .await
            .map(drop)
    }

    /// Looks up a number that nobody has.
    pub async fn look_up_nobody(&self) -> Result<(), Error> {
        self.session.user_get_by_mobile(NOBODYS_NUMBER).await.map(drop)
    }

    /// Asks for a ticket of the stream, which is let expire.
    pub async fn stream_ticket(&self) -> Result<(), Error> {
        self.session.stream_ticket().await.map(drop)
    }

    /// Whether a call is known at its URL: it is made without a token, and DingTalk looks at the name of a call before
    /// it misses the token. It can have no effect, and counts against nobody's quota, for nobody made it.
    ///
    /// # Errors
    /// Something else is wrong than that the token is missing.
    pub async fn knock(&self, api: Api) -> Result<(), Error> {
        let Session {
            shared,
            connection,
            priority,
            ..
        } = &self.session;
        let Some(url) = connection.urls.get(&api) else {
            return Err(Error::not_configured(api, connection.why_off(api)));
        };

        tokio::select! {
            biased;
            left = shared.pauses.begun(url) => return Err(self.session.banned(api, left)),
            () = shared.limiter.wait(api, *priority) => {}
        }

        let body = (!matches!(api, Api::AuthScopes | Api::CallBackFailedResult)).then(|| "{}".to_owned());
        shared.counters.called(api);
        let exchanged = shared.transport.exchange(url.clone(), body).await;
        let failure = match exchanged {
            // None: somebody in between adds the token.
            Ok(reply) => envelope::open(api, &reply).err(),
            Err(TransportError::NotSent(why) | TransportError::Broken(why)) => {
                Some(AttemptFailure::new(ErrorKind::NotSent, why))
            }
            Err(TransportError::TimedOut) => Some(AttemptFailure::new(ErrorKind::NotSent, "none in time")),
            Err(TransportError::TooLarge) => Some(AttemptFailure::new(ErrorKind::Undecodable, "more than 8 MB")),
        };

        let outcome = failure.as_ref().map(|it| CallOutcome::of_failure(it.kind));
        shared.counters.ended(api, outcome.unwrap_or(CallOutcome::Ok));
        match failure {
            // That the token is missing is told in both ways.
            None => Ok(()),
            Some(failure) if matches!(failure.kind, ErrorKind::BadToken | ErrorKind::BadRequest) => Ok(()),
            Some(failure) => Err(self.session.refused(api, url, &failure)),
        }
    }
}
