//! From a request's bytes to an operation that may run. Small requests are read where they arrive; others wait for
//! their turn to be read beside the runtime's workers, as 8 kB take a while to parse and to validate.

use tokio::time::Instant;

use super::{
    graphql::{Operation, Params},
    state::SharedState,
};
use crate::{
    auth::Caller,
    graphql::admission::{Limits, Refusal, Share},
};

/// Bytes that are read in about the time that any request takes, of a caller with a token.
const SMALL: usize = 4 * 1024;
/// The same of everybody else, of whom there may be a thousand.
const SMALL_OF_STRANGERS: usize = 512;

/// Bytes of JSON that are read in that time; if its document is at hand, nothing else is left to be done.
pub(super) const READ_AT_ONCE: usize = 32 * 1024;

/// Whether a request of so many bytes needs no turn.
pub(super) fn is_small(bytes: usize, is_known: bool) -> bool {
    bytes <= if is_known { SMALL } else { SMALL_OF_STRANGERS }
}

/// Why no operation was admitted.
pub(super) enum NotAdmitted {
    /// The parameters are wrong, or there was no turn to be had: nobody knows what was asked.
    Unread(Refusal),
    /// What was asked may not run.
    Refused(Refusal),
}

impl From<NotAdmitted> for Refusal {
    fn from(refused: NotAdmitted) -> Self {
        match refused {
            NotAdmitted::Unread(refusal) | NotAdmitted::Refused(refusal) => refusal,
        }
    }
}

/// Gives the parameters, which are read already or not yet.
type Reading = Box<dyn FnOnce(&Limits) -> Result<Params, NotAdmitted> + Send>;

/// Reads the parameters and admits the operation. `bytes`: what there is to be read.
pub(super) async fn admit<P>(
    state: &SharedState,
    bytes: usize,
    params: P,
    caller: Option<Caller>,
    share: Share,
) -> Result<Operation, NotAdmitted>
where
    P: FnOnce(&Limits) -> Result<Params, Refusal> + Send + 'static,
{
    let (schema, time, asked) = (&state.schema, state.config.request_timeout, Instant::now());
    let known = caller.is_some();
    let read = |limits: &Limits| params(limits).map_err(NotAdmitted::Unread);
    let read: Reading = if is_small(bytes, known) || known && bytes <= READ_AT_ONCE {
        let params = read(schema.limits())?;
        if is_small(bytes, known) || schema.has(&params) {
            return schema.admit(params, caller, share, time).map_err(NotAdmitted::Refused);
        }
        Box::new(|_| Ok(params))
    } else {
        Box::new(read)
    };

    let (turns, schema) = (share.turns().clone(), schema.clone());
    let work = move || {
        let params = read(schema.limits())?;
        // Waiting for a turn is time that the request has had.
        let time_left = time.saturating_sub(asked.elapsed());
        schema
            .admit(params, caller, share, time_left)
            .map_err(NotAdmitted::Refused)
    };
    turns.run(work).await.map_err(|late| NotAdmitted::Unread(late.into()))?
}
