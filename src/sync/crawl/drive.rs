//! Making a crawl's calls, as many at a time as each API may have, and keeping their answers.

use std::sync::Arc;

use futures_util::{StreamExt, stream::FuturesUnordered};
use tokio_util::sync::CancellationToken;

use super::{
    CrawlError, Crawled, Pace, Step,
    call::{Answer, Answers, Call},
    journal::{Former, Journal, Phase},
    outline::Outline,
    state::Crawl,
};
use crate::{
    dingtalk::Error,
    directory::{AskedAt, Snapshot},
};

/// Reads what `outline` says. `former`: answers that need not be asked for again.
pub(crate) async fn crawl(
    dingtalk: &impl Answers,
    snapshot: Arc<Snapshot>,
    outline: &Outline,
    pace: Pace,
    (journal, former): (&mut Journal, &mut Former),
    cancelled: &CancellationToken,
    mut report: impl FnMut(Step),
) -> Result<Crawled, CrawlError> {
    let mut crawl = Crawl::new(snapshot, outline, pace);
    replay(&mut crawl, former).await?;
    let moments = journal.moments();
    let mut in_flight = FuturesUnordered::new();

    loop {
        while !journal.is_full()
            && let Some(call) = crawl.next()
        {
            in_flight.push(answer(dingtalk, call, moments.now()));
        }

        report(Step {
            progress: crawl.progress(),
            strategy: crawl.strategy(),
            waits_for: crawl.lanes.trouble().map(Into::into),
        });

        let wakes_at = crawl.lanes.wakes_at();
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
            Some((call, answer, asked)) = in_flight.next() => {
                journal.add(Phase::Crawl, &call, &answer, asked);
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

/// Takes former answers for as long as the crawl asks for what they answer; what is left in the queues goes to
/// DingTalk.
async fn replay(crawl: &mut Crawl, former: &mut Former) -> Result<(), CrawlError> {
    if former.len() == 0 {
        return Ok(());
    }

    let mut unanswered = Vec::new();
    while let Some(call) = crawl.next_of_any() {
        match former.take(Phase::Crawl, &call) {
            Some((answer, asked)) => crawl.take(call, answer, asked)?,
            None => unanswered.push(call),
        }
        // A hundred thousand answers are not taken at one go: others have work on this thread.
        tokio::task::consume_budget().await;
    }

    // Each goes to the front of its queue, the last one first, so that their order stays.
    for call in unanswered.into_iter().rev() {
        crawl.lanes.put_back(call);
    }
    crawl.lanes.restart_clock();
    Ok(())
}

async fn answer(dingtalk: &impl Answers, call: Call, asked: AskedAt) -> (Call, Result<Answer, Error>, AskedAt) {
    let answer = dingtalk.answer(&call).await;
    (call, answer, asked)
}
