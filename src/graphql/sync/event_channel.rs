//! The ways on which DingTalk's events come.

use async_graphql::{Enum, SimpleObject};

use crate::{
    directory,
    graphql::{error::ApiError, scalars::DateTime, services::Services, statement::Statement},
};

/// How DingTalk's events come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum EventChannelKind {
    /// DingTalk pushes them by HTTP; what could not be pushed is fetched from its list.
    Http,
    /// By a stream that each replica keeps open.
    Stream,
}

/// A way on which DingTalk's events come. Of the stream it says how it stands at the process that answers.
#[derive(Debug, Clone, SimpleObject)]
pub struct EventChannel {
    /// Which way.
    kind: EventChannelKind,
    /// Of the stream: since when it is open, from one connection to its successor. Null: it is not.
    connected_since: Option<DateTime>,
    /// Of a stream that is not open: why, with the remedy, where that is known.
    problem: Option<String>,
    /// The same as data.
    problem_statement: Option<Statement>,
    /// When the last event came this way, to whichever replica. Null: none has come yet.
    last_event_at: Option<DateTime>,
}

/// The ways that the operator has set up.
pub(crate) async fn event_channels(services: &Services) -> Result<Vec<EventChannel>, ApiError> {
    use directory::EventChannel::{FailedList, Push, Stream};
    let (store, intake) = (&services.store, &services.intake);
    let mut channels = Vec::new();
    if intake.takes_pushes() {
        channels.push(EventChannel {
            kind: EventChannelKind::Http,
            connected_since: None,
            problem: None,
            problem_statement: None,
            last_event_at: store.last_event_at(&[Push, FailedList]).await?.map(Into::into),
        });
    }
    if intake.streams() {
        let state = intake.stream_state();
        channels.push(EventChannel {
            kind: EventChannelKind::Stream,
            connected_since: state.since.map(Into::into),
            problem: state.problem.as_ref().map(ToString::to_string),
            problem_statement: state.problem.map(Into::into),
            last_event_at: store.last_event_at(&[Stream]).await?.map(Into::into),
        });
    }
    Ok(channels)
}
