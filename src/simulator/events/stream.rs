//! The stream's connections, their tickets, and the acknowledgements that are awaited.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tokio::sync::{Notify, mpsc, oneshot};

use crate::simulator::random::{Random, fresh_uuid};

/// Tickets that are out at most; the oldest are forgotten first.
const MOST_TICKETS: usize = 1_000;
/// Frames that may wait for one slow connection.
const QUEUE: usize = 1_024;

/// What a connection is told to do.
#[derive(Debug)]
pub(crate) enum StreamCommand {
    /// Send this frame.
    Send(Value),
    /// Say goodbye, and close some seconds later.
    Disconnect,
}

struct HubState {
    tickets: Vec<(String, DateTime<Utc>)>,
    connections: Vec<(u64, mpsc::Sender<StreamCommand>)>,
    awaited: HashMap<String, oneshot::Sender<Value>>,
    next: u64,
    opened: bool,
    random: Random,
}

/// All connections of the stream.
pub(crate) struct Hub {
    state: Mutex<HubState>,
    /// Rung when there are new events.
    pub(crate) wake: Notify,
}

impl Hub {
    /// Nobody is connected.
    pub(crate) fn new(seed: u64) -> Self {
        let random = Random::new(seed ^ 0x7374_7265);
        let state = HubState {
            tickets: Vec::new(),
            connections: Vec::new(),
            awaited: HashMap::new(),
            next: 0,
            opened: false,
            random,
        };

        Self {
            state: Mutex::new(state),
            wake: Notify::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, HubState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A ticket for one connection.
    pub(crate) fn ticket(&self, now: DateTime<Utc>, lifetime: TimeDelta) -> String {
        let ticket = fresh_uuid().to_string();
        let mut state = self.state();
        state.opened = true;
        state.tickets.retain(|(_, expires_at)| *expires_at > now);
        if state.tickets.len() >= MOST_TICKETS {
            state.tickets.remove(0);
        }
        state.tickets.push((ticket.clone(), now + lifetime));
        ticket
    }

    /// True once for each ticket, while it is valid.
    pub(crate) fn redeem(&self, ticket: &str, now: DateTime<Utc>) -> bool {
        let mut state = self.state();
        let found = state
            .tickets
            .iter()
            .position(|(known, expires_at)| known == ticket && *expires_at > now);
        found.map(|index| state.tickets.remove(index)).is_some()
    }

    /// A new connection: its number and its commands.
    pub(crate) fn join(&self) -> (u64, mpsc::Receiver<StreamCommand>) {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let mut state = self.state();
        state.next += 1;
        let number = state.next;
        state.connections.push((number, sender));
        (number, receiver)
    }

    /// A connection gets no more events.
    pub(crate) fn leave(&self, number: u64) {
        self.state().connections.retain(|(known, _)| *known != number);
    }

    /// How many connections there are.
    pub(crate) fn connected(&self) -> usize {
        self.state().connections.len()
    }

    /// True since somebody first asked for a ticket: from then on events are kept for the stream.
    pub(crate) fn was_opened(&self) -> bool {
        self.state().opened
    }

    /// Tells every connection.
    pub(crate) fn disconnect(&self) -> usize {
        let state = self.state();
        state
            .connections
            .iter()
            .filter(|(_, sender)| sender.try_send(StreamCommand::Disconnect).is_ok())
            .count()
    }

    /// Forgets all connections, which ends them.
    pub(crate) fn clear(&self) {
        let mut state = self.state();
        state.connections.clear();
        state.tickets.clear();
        state.awaited.clear();
        state.opened = false;
    }

    /// Sends a frame over a connection picked by chance; `None` when there is none that takes it.
    pub(crate) fn send(&self, message_id: &str, frame: Value) -> Option<oneshot::Receiver<Value>> {
        let mut state = self.state();
        let count = state.connections.len();
        let index = state.random.below(count);
        let (_, sender) = state.connections.get(index)?;
        sender.try_send(StreamCommand::Send(frame)).ok()?;
        let (answer, answered) = oneshot::channel();
        state.awaited.insert(message_id.to_owned(), answer);
        Some(answered)
    }

    /// Nobody waits for this acknowledgement any more.
    pub(crate) fn give_up(&self, message_id: &str) {
        self.state().awaited.remove(message_id);
    }

    /// A client acknowledged something.
    pub(crate) fn acknowledged(&self, frame: Value) {
        let Some(message_id) = frame["headers"]["messageId"].as_str() else {
            return;
        };
        if let Some(answer) = self.state().awaited.remove(message_id) {
            // Whoever waited may have gone.
            let _ = answer.send(frame);
        }
    }
}

/// A frame of the server. All header values are texts, and so is the data.
pub(crate) fn frame(kind: &str, topic: &str, message_id: &str, now: DateTime<Utc>, data: &Value) -> Value {
    json!({
        "specVersion": "1.0",
        "type": kind,
        "headers": {
            "topic": topic, "contentType": "application/json", "messageId": message_id,
            "time": now.timestamp_millis().to_string(),
        },
        "data": data.to_string(),
    })
}

/// True for code 200, unless its data says otherwise: one official SDK echoes the event instead of a status.
pub(crate) fn is_success(acknowledgement: &Value) -> bool {
    let data = acknowledgement["data"]
        .as_str()
        .and_then(|text| serde_json::from_str::<Value>(text).ok());
    let status = data.as_ref().and_then(|data| data["status"].as_str());
    acknowledgement["code"] == 200 && status.is_none_or(|status| status == "SUCCESS")
}
