//! The client: made once, it gives sessions and tells how its calls went.

use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;
use url::Url;

use super::{
    blamed::Blamed,
    build_error::ClientBuildError,
    client_state::ClientState,
    config::{ClientConfig, Waits},
    connection::Connection,
    document::{self, Document, DocumentError},
    limiter::{Limiter, Priority},
    session::Session,
    silence::Silences,
    stats::{CallOutcome, CallStats},
    tally::Tally,
    token::TokenCache,
    transport::Transport,
    trial::Trial,
};
use crate::{catalogue::Statement, clock::Clock, settings::Api};

/// How long the answer that is asked for its time may take.
const HEARING: Duration = Duration::from_secs(2);

/// Cheap to clone; holds the token cache (single flight), the per-API limits and the HTTP pool.
#[derive(Debug, Clone)]
pub struct Client {
    shared: Arc<ClientState>,
}

impl Client {
    /// A client with the waits that DingTalk's documentation asks for.
    pub fn new(config: ClientConfig, clock: Clock) -> Result<Self, ClientBuildError> {
        Self::with_waits(config, Waits::default(), clock)
    }

    /// A client with other waits, for tests.
    pub fn with_waits(config: ClientConfig, waits: Waits, clock: Clock) -> Result<Self, ClientBuildError> {
        Ok(Self {
            shared: Arc::new(ClientState {
                transport: Arc::new(Transport::new(&config, clock)?),
                tokens: TokenCache::default(),
                limiter: Arc::new(Limiter::new(config.calls_per_second)),
                pauses: Arc::default(),
                blamed: Blamed::default(),
                counters: Arc::default(),
                silences: Silences::default(),
                waits,
                max_attempts: config.max_attempts.max(1),
            }),
        })
    }

    /// For how long nothing is asked at the host of `url`, because it showed DingTalk's ban page.
    pub fn banned(&self, url: &Url) -> Option<Duration> {
        self.shared.pauses.left(url)
    }

    /// Asks for a token again with the next call, where DingTalk refused one just now: somebody says that it is put
    /// right.
    pub async fn forget_refused_tokens(&self) {
        self.shared.tokens.forget_refusals().await;
    }

    /// A view of the client with these credentials and URLs.
    pub fn with(&self, connection: Arc<Connection>) -> Session {
        Session {
            shared: self.shared.clone(),
            connection,
            priority: Priority::Interactive,
            closed: CancellationToken::new(),
            tally: Tally::default(),
        }
    }

    /// Calls that try credentials and URLs out, which may be nobody's yet: each is made once, within the limits of all
    /// calls, and what comes of it is told to whoever tries alone.
    pub fn trial(&self, connection: Connection) -> Trial {
        Trial::of(Session {
            shared: Arc::new(self.shared.for_a_trial()),
            connection: Arc::new(connection),
            priority: Priority::Interactive,
            closed: CancellationToken::new(),
            tally: Tally::default(),
        })
    }

    /// Asks the host of `url` for nothing but the time, which every answer tells, without any credentials. No call of
    /// an API.
    pub async fn hear_time(&self, url: &Url) {
        let mut root = url.clone();
        root.set_path("/");
        root.set_query(None);
        // Whoever can't be reached tells nothing, and whoever needs an answer says so.
        let _ = tokio::time::timeout(HEARING, self.shared.transport.exchange(root, None)).await;
    }

    /// GETs a small document from a URL of the operator's own, say an issuer's keys. Nothing of DingTalk's goes there:
    /// no token, no secret, none of its limits. The list of hosts that settings and answers may name isn't asked, and
    /// no redirect leads away from it.
    ///
    /// `most`: bytes of it, unpacked; `within`: the time for all of it.
    pub async fn document(&self, url: &Url, most: usize, within: Duration) -> Result<Document, DocumentError> {
        document::fetch(&self.shared.transport, url, most, within).await
    }

    /// Calls a second that an API has at present: fewer than configured while DingTalk says "too fast".
    pub fn rate(&self, api: Api) -> f64 {
        self.shared.limiter.rate(api)
    }

    /// Requests to `api` that ended so, since the start.
    pub fn outcomes(&self, api: Api, outcome: CallOutcome) -> u64 {
        self.shared.counters.outcomes(api, outcome)
    }

    /// Which of `apis` has given no answer for at least so long while a call waits for one, and why, with the remedy:
    /// told long before the call's last try.
    pub fn silent(&self, least: Duration, apis: &[Api]) -> Option<(Api, Statement)> {
        self.shared.silences.longer_than(least, apis)
    }

    /// Whether the last attempt of a call to `api` had an answer, whatever that said.
    pub fn is_answering(&self, api: Api) -> bool {
        self.shared.silences.is_answering(api)
    }

    /// Calls made and throttles met since the start, by API, for runs and metrics.
    pub fn stats(&self) -> CallStats {
        self.shared.counters.read()
    }
}
