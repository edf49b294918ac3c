//! Asking DingTalk about everything that is missing before anything is removed.

use std::sync::Arc;

use futures_util::{StreamExt, stream};
use tokio_util::sync::CancellationToken;

use super::{
    CrawlError, Crawled,
    call::{Answer, Call},
    failure::Failure,
};
use crate::{
    dingtalk::{Error, ErrorKind, Session},
    directory::{Absence, DepartmentSource, GoneCause, Judgement, UserSource},
};

/// So often an unlucky question is asked again.
const TRIES: u32 = 3;

/// Asks for each absent record by its id. What DingTalk still knows is no longer absent, and the crawl is not COMPLETE:
/// a person may have been moved from a department that was yet to be listed to one that already had been.
pub(crate) async fn confirm(
    session: &Session,
    absence: Absence,
    width: usize,
    crawled: &mut Crawled,
    judgement: &mut Judgement,
    cancelled: &CancellationToken,
) -> Result<(), CrawlError> {
    let users = absence
        .users
        .into_iter()
        .filter(|id| !crawled.observed.user_causes.contains_key(id))
        .map(Call::User);
    let calls: Vec<Call> = users
        .chain(absence.departments.into_iter().map(Call::Department))
        .collect();
    let session = Arc::new(session.clone());
    let mut answers = stream::iter(calls)
        .map(|call| {
            let session = session.clone();
            async move {
                let answer = ask(&session, &call).await;
                (call, answer)
            }
        })
        .buffer_unordered(width.max(1));
    let (mut there, mut unknown) = (0_usize, 0_usize);
    loop {
        let (call, answer) = tokio::select! {
            biased;
            () = cancelled.cancelled() => return Err(CrawlError::Cancelled),
            next = answers.next() => match next {
                Some(next) => next,
                None => break,
            },
        };
        let observed = &mut crawled.observed;
        match (call, answer) {
            (Call::User(id), Ok(Answer::User(facts))) => {
                there += 1;
                observed.users.insert(id, (*facts, UserSource::Detail));
            }
            (Call::Department(id), Ok(Answer::Department(facts))) => {
                there += 1;
                observed.departments.insert(id, (*facts, DepartmentSource::Detail));
            }
            (call, Err(error)) => match (call, Failure::of(&error)) {
                (_, Failure::Fatal) if error.kind == ErrorKind::Cancelled => return Err(CrawlError::Cancelled),
                (_, Failure::Fatal) => return Err(CrawlError::Fatal(error)),
                (Call::User(id), Failure::NotThere) => {
                    observed.user_causes.insert(id, GoneCause::Left);
                }
                (Call::User(id), Failure::OutOfScope) => {
                    observed.user_causes.insert(id, GoneCause::OutOfScope);
                }
                (Call::Department(id), Failure::NotThere) => {
                    observed.department_causes.insert(id, GoneCause::DepartmentRemoved);
                }
                (Call::Department(id), Failure::OutOfScope) => {
                    observed.department_causes.insert(id, GoneCause::OutOfScope);
                }
                (call, _) => {
                    unknown += 1;
                    crawled.errors.add(&call, &error);
                    match call {
                        Call::User(id) => drop(observed.kept_users.insert(id)),
                        Call::Department(id) => drop(observed.kept_departments.insert(id)),
                        _ => {}
                    }
                }
            },
            // A call is only ever answered in its own kind.
            _ => unknown += 1,
        }
    }
    if there > 0 {
        judgement.partial(format!(
            "DingTalk still knows {there} records that the crawl did not come across; nothing is removed."
        ));
    }
    if unknown > 0 {
        judgement.partial(format!(
            "Whether {unknown} records are gone could not be asked; nothing is removed."
        ));
    }
    Ok(())
}

async fn ask(session: &Session, call: &Call) -> Result<Answer, Error> {
    let mut tries = 0;
    loop {
        match call.make(session).await {
            Err(error) => match Failure::of(&error) {
                Failure::Rest(pause) => tokio::time::sleep(pause).await,
                Failure::Luck if tries < TRIES => tries += 1,
                _ => return Err(error),
            },
            answer => return answer,
        }
    }
}
