//! Making a crawl's calls, as many at a time as each API may have, and keeping their answers.

use std::sync::Arc;

use futures_util::{StreamExt, stream::FuturesUnordered};
use tokio_util::sync::CancellationToken;

use super::{
    CrawlBounds, CrawlError, CrawlProgress, Crawled,
    call::{Answers, ReadAnswer, ReadCall},
    journal::Journal,
    outline::Outline,
    replay::{JournalPhase, RecordedAnswer, ReplayedAnswers},
    state::Crawl,
};
use crate::{
    dingtalk::Error,
    directory::{AskedAt, Snapshot},
};

/// What one crawl reads, and how.
pub(crate) struct CrawlTask<'a> {
    /// The mirror that it compares with.
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) outline: &'a Outline,
    pub(crate) bounds: CrawlBounds,
}

/// A call that has ended.
struct EndedCall {
    call: ReadCall,
    answer: Result<ReadAnswer, Error>,
    asked: AskedAt,
}

/// Reads what the task's outline says. What the journal held already is not asked for again.
pub(crate) async fn crawl(
    dingtalk: &impl Answers,
    task: CrawlTask<'_>,
    journal: &mut Journal,
    cancelled: &CancellationToken,
    mut report: impl FnMut(CrawlProgress),
) -> Result<Crawled, CrawlError> {
    let mut crawl = Crawl::new(task.snapshot, task.outline, task.bounds);
    replay(&mut crawl, &mut journal.replayed).await?;
    let moments = journal.moments();
    let mut in_flight = FuturesUnordered::new();

    loop {
        while !journal.is_full()
            && let Some(call) = crawl.next()
        {
            in_flight.push(answer(dingtalk, call, moments.now()));
        }

        report(CrawlProgress {
            progress: crawl.progress(),
            strategy: crawl.strategy(),
            expected: crawl.expected(),
            waits_for: crawl.queues.trouble().cloned(),
        });

        let wakes_at = crawl.queues.wakes_at();
        let over = in_flight.is_empty() && wakes_at.is_none() && !journal.is_full();
        if over && journal.is_idle() {
            return crawl.finish();
        }

        // A full journal lets no call out: to wake up for one would be in vain.
        let wakes_at = wakes_at.filter(|_| !journal.is_full());
        let rest = async {
            match wakes_at {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
        };

        tokio::select! {
            // First an end from outside, then what makes answers durable: new answers may come without a pause.
            biased;
            () = cancelled.cancelled() => {
                journal.flush().await;
                return Err(CrawlError::Cancelled);
            }
            written = journal.written() => written?,
            Some(EndedCall { call, answer, asked }) = in_flight.next() => {
                journal.add(JournalPhase::Crawl, &call, &answer, asked);
                if let Err(error) = crawl.take(call, answer, asked) {
                    // Whoever goes on with it needs what was answered.
                    if matches!(error, CrawlError::Away(_) | CrawlError::Cancelled) {
                        journal.flush().await;
                    }
                    return Err(error);
                }
            }
            () = rest => {}
        }
    }
}

/// Takes the answers of before for as long as the crawl asks for what they answer; what is left in the queues goes to
/// DingTalk.
async fn replay(crawl: &mut Crawl, replayed: &mut ReplayedAnswers) -> Result<(), CrawlError> {
    if replayed.len() == 0 {
        return Ok(());
    }

    let mut unanswered = Vec::new();
    while let Some(call) = crawl.next_of_any() {
        match replayed.take(JournalPhase::Crawl, &call) {
            Some(RecordedAnswer { answer, asked }) => crawl.take(call, answer, asked)?,
            None => unanswered.push(call),
        }
        // A hundred thousand answers are not taken at one go: others have work on this thread.
        tokio::task::consume_budget().await;
    }

    // Each goes to the front of its queue, the last one first, so that their order stays.
    for call in unanswered.into_iter().rev() {
        crawl.queues.put_back(call);
    }
    crawl.queues.restart_clock();
    Ok(())
}

async fn answer(dingtalk: &impl Answers, call: ReadCall, asked: AskedAt) -> EndedCall {
    let answer = dingtalk.answer(&call).await;
    EndedCall { call, answer, asked }
}
