//! Making a crawl's calls, as many at a time as each API may have.

use std::sync::Arc;

use futures_util::{StreamExt, stream::FuturesUnordered};
use tokio_util::sync::CancellationToken;

use super::{
    CrawlError, Crawled, Step,
    call::Call,
    failure::Failure,
    state::{Crawl, Starts},
};
use crate::{
    dingtalk::{ErrorKind, Session},
    directory::{DeptId, Snapshot},
    settings::Api,
};

/// Reads everything that the app may see. `width`: calls in flight of each API at most.
pub(crate) async fn crawl(
    session: &Session,
    snapshot: Arc<Snapshot>,
    width: usize,
    cancelled: &CancellationToken,
    mut report: impl FnMut(Step),
) -> Result<Crawled, CrawlError> {
    let (starts, note) = tokio::select! {
        () = cancelled.cancelled() => return Err(CrawlError::Cancelled),
        starts = starts(session) => starts?,
    };
    let counts = starts.departments.contains(&DeptId::ROOT) && session.is_configured(Api::UserCount);
    let mut crawl = Crawl::new(snapshot, starts, width, session.is_configured(Api::UserList), counts);
    if let Some(note) = note {
        crawl.note(note);
    }
    let mut in_flight = FuturesUnordered::new();
    loop {
        while let Some(call) = crawl.next() {
            in_flight.push(answer(session, call));
        }
        report(Step {
            progress: crawl.progress(),
            strategy: crawl.strategy(),
        });
        let wakes_at = crawl.lanes.wakes_at();
        if in_flight.is_empty() && wakes_at.is_none() {
            return crawl.finish();
        }
        let rest = async {
            match wakes_at {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = cancelled.cancelled() => return Err(CrawlError::Cancelled),
            Some((call, answer)) = in_flight.next() => match crawl.take(call, answer) {
                Err(CrawlError::Fatal(error)) if error.kind == ErrorKind::Cancelled => return Err(CrawlError::Cancelled),
                taken => taken?,
            },
            () = rest => {}
        }
    }
}

async fn answer(session: &Session, call: Call) -> (Call, Result<super::call::Answer, crate::dingtalk::Error>) {
    let answer = call.make(session).await;
    (call, answer)
}

/// Where the visible tree starts: what `/auth/scopes` says, or the root where it can't be asked.
async fn starts(session: &Session) -> Result<(Starts, Option<String>), CrawlError> {
    let root = || Starts {
        departments: vec![DeptId::ROOT],
        users: Vec::new(),
    };
    if !session.is_configured(Api::AuthScopes) {
        return Ok((root(), None));
    }
    loop {
        let error = match session.auth_scopes().await {
            Ok(scopes) => {
                return Ok((
                    Starts {
                        departments: scopes.departments,
                        users: scopes.users,
                    },
                    None,
                ));
            }
            Err(error) => error,
        };
        match Failure::of(&error) {
            Failure::Rest(pause) => tokio::time::sleep(pause).await,
            Failure::Fatal if !Failure::is_unavailable_here(&error) => return Err(CrawlError::Fatal(error)),
            _ => {
                let note = format!(
                    "The app's contact scope could not be asked, so the crawl started at the root department: {}",
                    error.message
                );
                return Ok((root(), Some(note)));
            }
        }
    }
}
