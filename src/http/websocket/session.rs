//! One connection, from the upgrade to the close frame.

use std::{sync::Arc, time::Duration};

use axum::extract::ws::{Message, WebSocket};
use futures_util::{FutureExt, StreamExt, future::BoxFuture, stream::SplitStream};
use serde_json::{Map, Value};
use tokio::{
    sync::Notify,
    task::JoinSet,
    time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    operation_task::OperationTask,
    operations::Operations,
    protocol::{self, Close, Said},
    send_queue::{self, SendQueue, Stalled},
};
use crate::{
    audit::Origin,
    auth::Caller,
    graphql::admission::{Code, Refusal, measure_json},
    http::{
        admitting,
        caller::Sender,
        graphql::{GraphqlResponse, Operation, Params},
        listener::{ConnectionSlot, Peer},
        metrics::GaugeGuard,
        observe::caller_name,
        state::SharedState,
    },
};

/// How long the client may take to answer the close frame.
const GOODBYE: Duration = Duration::from_secs(1);

/// Serves the connection until either side ends it.
pub(super) async fn run(
    socket: WebSocket,
    state: SharedState,
    caller: Option<Caller>,
    peer: Option<Peer>,
    origin: Origin,
    agreed: bool,
) {
    let _counted = GaugeGuard::new(&state.config.metrics.sockets);
    let (sink, mut stream) = socket.split();
    let config = state.config.websocket;
    let (queue, writer) = send_queue::open(sink, &config);

    let leave = CancellationToken::new();
    let address = peer.as_ref().map(|peer| peer.address);
    let slot = match (&caller, address) {
        (None, Some(address)) => Some(state.strangers.occupy(address, leave.clone())),
        _ => None,
    };

    let close = if agreed {
        let mut session = WebSocketSession {
            state,
            caller,
            peer,
            slot,
            leave,
            quiet_since: Instant::now(),
            origin,
            queue,
            ready: false,
            operations: Operations::default(),
            tasks: JoinSet::new(),
            stalled: Arc::default(),
        };
        session.serve(&mut stream).await
    } else {
        Some(Close::Protocol)
    };

    // The session is gone by now, and with it its operations.
    tracing::debug!(code = close.as_ref().map(Close::code), "WebSocket closed");
    let told = close.is_some();
    writer.finish(close).await;
    if told {
        // Dropping the socket over unread input would take the close frame back.
        let _ = timeout(GOODBYE, async { while let Some(Ok(_)) = stream.next().await {} }).await;
    }
}

struct WebSocketSession {
    state: SharedState,
    caller: Option<Caller>,
    peer: Option<Peer>,
    /// Of those without a token.
    slot: Option<ConnectionSlot>,
    /// Cancelled when the slot is given to somebody else.
    leave: CancellationToken,
    /// Since when no operation has run.
    quiet_since: Instant,
    origin: Origin,
    queue: SendQueue,
    /// `connection_ack` was sent.
    ready: bool,
    operations: Operations,
    tasks: JoinSet<()>,
    /// An operation found the queue full for too long.
    stalled: Arc<Notify>,
}

impl WebSocketSession {
    /// Reads until the end; `None` when the client ended it.
    async fn serve(&mut self, stream: &mut SplitStream<WebSocket>) -> Option<Close> {
        let config = self.state.config.websocket;
        let shutdown = self.state.shutdown.clone();
        let stalled = self.stalled.clone();
        let leave = self.leave.clone();

        let start = Instant::now();
        let mut ping = interval_at(start + config.ping, config.ping);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut heard = start;
        let mut ended = end_of(&self.state, self.caller.as_ref());

        loop {
            // Without a token there is nothing to wait for: pongs alone keep no slot.
            let idles = self.ready && self.caller.is_none() && self.tasks.is_empty();

            // Biased: the reasons to end come first, however much the client sends.
            tokio::select! {
                biased;
                () = shutdown.cancelled() => return Some(Close::Restart),
                () = stalled.notified() => return Some(Close::Slow),
                () = leave.cancelled() => return Some(Close::Crowded),
                () = sleep_until(self.quiet_since + config.init_timeout), if idles => {
                    return Some(Close::Forbidden("without a token a connection ends when nothing runs on it".to_owned()));
                }
                () = sleep_until(start + config.init_timeout), if !self.ready => return Some(Close::InitTimeout),
                why = &mut ended => return Some(Close::Forbidden(why.to_owned())),
                _ = ping.tick() => {
                    if heard.elapsed() > config.ping * 2 + config.ping / 2 {
                        return None;
                    }
                    if self.queue.ping().await.is_err() {
                        return Some(Close::Slow);
                    }
                }
                Some(_) = self.tasks.join_next(), if !self.tasks.is_empty() => self.quiet_since = Instant::now(),
                frame = stream.next() => {
                    heard = Instant::now();
                    let text = match frame {
                        Some(Ok(Message::Text(text))) => text,
                        Some(Ok(Message::Binary(_))) => {
                            return Some(Close::Invalid("messages have to be text, not binary".to_owned()));
                        }
                        Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                        Some(Ok(Message::Close(_))) | None => return None,
                        Some(Err(error)) => return Close::of_transport(&error, config.message_bytes),
                    };

                    if text.len() > config.message_bytes {
                        return Some(Close::TooBig(config.message_bytes));
                    }
                    let was_ready = self.ready;
                    if let Err(close) = self.hear(text.as_str()).await {
                        return Some(close);
                    }
                    // With `connection_init` somebody else may have come.
                    if self.ready && !was_ready {
                        ended = end_of(&self.state, self.caller.as_ref());
                    }
                    // Who sends many at once waits after each of them behind whoever asks for one thing.
                    tokio::task::yield_now().await;
                }
            }
        }
    }

    async fn hear(&mut self, text: &str) -> Result<(), Close> {
        if let Err(refusal) = measure_json(text.as_bytes(), 1, self.state.schema.limits()) {
            // The id can be told even so: then only that operation is refused, not the connection closed.
            return match Said::subscription_of(text).filter(|id| self.ready && !self.operations.contains(id)) {
                Some(id) => self.refuse(&id, refusal).await,
                None => Err(Close::Invalid(refusal.message)),
            };
        }

        match Said::parse(text).map_err(|reason| Close::Invalid(reason.to_owned()))? {
            Said::Init(payload) => self.init(&payload).await,
            Said::Ping(payload) => self.say(protocol::pong(payload)).await,
            Said::Pong => Ok(()),
            Said::Complete { id } => {
                self.operations.stop(&id);
                Ok(())
            }
            Said::Subscribe { id, payload } => self.subscribe(id, payload, text.len()).await,
        }
    }

    async fn say(&self, text: String) -> Result<(), Close> {
        self.queue.send(text).await.map_err(|Stalled| Close::Slow)
    }

    /// An operation that is not run.
    async fn refuse(&self, id: &str, refusal: Refusal) -> Result<(), Close> {
        self.state.config.metrics.refused(refusal.code.as_str(), refusal.limit);
        self.say(protocol::error(id, &GraphqlResponse::from(refusal).errors_json()))
            .await
    }

    async fn init(&mut self, payload: &Map<String, Value>) -> Result<(), Close> {
        if self.ready {
            return Err(Close::InitAgain);
        }

        if let Some(authorization) = authorization(payload)? {
            let sender = Sender {
                peer: self.peer.as_ref(),
                source: self.origin.address,
            };
            let caller = self
                .state
                .caller_of(&authorization, sender)
                .await
                .map_err(|no_caller| Close::Forbidden(no_caller.message()))?;
            self.caller = Some(caller);
            // A known caller needs no slot among the strangers.
            self.slot = None;
        }

        self.ready = true;
        self.quiet_since = Instant::now();
        self.say(protocol::ack()).await
    }

    /// `bytes`: of the client's message.
    async fn subscribe(&mut self, id: String, payload: Value, bytes: usize) -> Result<(), Close> {
        if !self.ready {
            return Err(Close::TooEarly);
        }
        if self.operations.contains(&id) {
            return Err(Close::Duplicate(id));
        }

        let config = self.state.config.websocket;
        let limit = if self.caller.is_some() {
            config.operations
        } else {
            config.anonymous_operations
        };
        if self.operations.count() >= limit {
            let refusal = Refusal {
                limit: Some("operations"),
                ..Refusal::new(
                    Code::LimitExceeded,
                    format!("a connection runs at most {limit} operations at a time: complete one first"),
                )
            };
            return self.refuse(&id, refusal).await;
        }

        let params = match Params::from_json(payload) {
            Ok(params) => params,
            Err(Refusal {
                code: Code::BadRequest,
                message,
                ..
            }) => return Err(Close::Invalid(message)),
            Err(refusal) => return self.refuse(&id, refusal).await,
        };

        let (state, caller) = (self.state.clone(), self.caller.clone());
        let is_small = admitting::is_small(bytes, caller.is_some());
        let admitting = async move {
            let share = state.memory.share(caller.is_some());
            let admitted = admitting::admit(&state, bytes, |_| Ok(params), caller, share).await;
            admitted.map_err(Refusal::from)
        };

        if is_small {
            // It waits for nothing, and the id of one that is refused is free again.
            return match admitting.await {
                Ok(operation) => {
                    self.start(id, async move { Ok(operation) });
                    Ok(())
                }
                Err(refusal) => self.refuse(&id, refusal).await,
            };
        }

        self.start(id, admitting);
        Ok(())
    }

    /// Runs an operation once it is admitted.
    fn start(&mut self, id: String, admitted: impl Future<Output = Result<Operation, Refusal>> + Send + 'static) {
        let ticket = self.operations.enter(id);
        let task = OperationTask {
            state: self.state.clone(),
            origin: self.origin.clone(),
            queue: self.queue.clone(),
            operations: self.operations.clone(),
            ticket: ticket.clone(),
            subject: self.caller.as_ref().map(caller_name),
        };

        let stalled = self.stalled.clone();
        let handle = self.tasks.spawn(async move {
            let ended = match admitted.await {
                Ok(operation) => task.run(operation).await,
                Err(refusal) => task.refuse(refusal).await,
            };
            if ended.is_err() {
                stalled.notify_one();
            }
        });

        self.operations.attach(&ticket, handle);
    }
}

/// Says why what the caller has shown is not taken any more, when it isn't; never, where they have shown nothing.
fn end_of(state: &SharedState, caller: Option<&Caller>) -> BoxFuture<'static, &'static str> {
    match caller {
        Some(caller) => state.credential_of(caller).ended().boxed(),
        None => futures_util::future::pending().boxed(),
    }
}

/// The token in the payload of `connection_init`: `authorization` as in HTTP, or `token` alone.
///
/// Null and the empty text are no token: clients send them where they have none. Anything else is a mistake, and
/// whoever makes it would work on as a stranger.
fn authorization(payload: &Map<String, Value>) -> Result<Option<String>, Close> {
    let text = |key: &str| match payload.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.as_str()).filter(|text| !text.is_empty())),
        Some(_) => Err(Close::Forbidden(format!("`{key}` has to be a text"))),
    };

    let (small, large, token) = (text("authorization")?, text("Authorization")?, text("token")?);
    Ok(small
        .or(large)
        .map(ToOwned::to_owned)
        .or_else(|| token.map(|token| format!("Bearer {token}"))))
}
