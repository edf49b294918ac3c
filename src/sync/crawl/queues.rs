//! Queues of calls, one for each of DingTalk's limits, so that every API is kept busy and none waits for another.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    time::Duration,
};

use tokio::time::Instant;

use super::{
    CrawlBounds,
    breaker::{CircuitBreaker, Sent},
    call::{CallKind, ReadCall},
};
use crate::{
    catalogue::Statement,
    dingtalk::{Error, ErrorKind},
};

/// So many calls of one kind are refused one by one before it is believed that none will ever be answered.
const REFUSED: u32 = 30;

/// How often a call that failed by bad luck is put back before its record is given up.
const RETRIES: u32 = 2;

#[derive(Default)]
struct Queue {
    waiting: VecDeque<ReadCall>,
    in_flight: usize,
    done: u64,
    paused_until: Option<Instant>,
    breaker: CircuitBreaker,
    /// Calls that DingTalk answered with a refusal of this very call.
    refused: u32,
}

impl Queue {
    fn has_work(&self) -> bool {
        !self.waiting.is_empty() || self.breaker.has_deferred()
    }
}

/// What becomes of a call that failed.
pub(super) enum Disposition {
    /// It is asked again.
    Again,
    /// Its record stays unread.
    GiveUp(ReadCall, Error),
    /// DingTalk has been away for longer than the crawl waits.
    Away(Error),
    /// It will never be answered: the URL leads nowhere.
    Hopeless(Error),
}

/// The calls that wait, a queue for each kind.
pub(super) struct CallQueues {
    queues: BTreeMap<CallKind, Queue>,
    /// Calls in flight at most, of each kind.
    width: usize,
    /// How long a queue may be without an answer.
    patience: Duration,
    /// Retries so far, of calls that failed at least once.
    retried: HashMap<String, u32>,
    /// Answers of all queues.
    answers: u64,
    started: Instant,
}

impl CallQueues {
    pub(super) fn new(bounds: CrawlBounds) -> Self {
        Self {
            queues: CallKind::ALL.into_iter().map(|kind| (kind, Queue::default())).collect(),
            width: bounds.width.max(1),
            patience: bounds.patience,
            retried: HashMap::new(),
            answers: 0,
            started: Instant::now(),
        }
    }

    fn queue(&mut self, kind: CallKind) -> &mut Queue {
        self.queues.entry(kind).or_default()
    }

    pub(super) fn push(&mut self, call: ReadCall) {
        self.queue(call.kind()).waiting.push_back(call);
    }

    /// The next call that may go out now. `members` narrows the queue of member lists (the first goes alone).
    pub(super) fn next(&mut self, members: usize) -> Option<ReadCall> {
        self.next_within(self.width, members)
    }

    /// The next call, however many are in flight.
    pub(super) fn next_of_any(&mut self, members: usize) -> Option<ReadCall> {
        self.next_within(usize::MAX, members)
    }

    /// A call that [`Self::next_of_any`] gave goes back to where it was.
    pub(super) fn put_back(&mut self, call: ReadCall) {
        let queue = self.queue(call.kind());
        queue.in_flight = queue.in_flight.saturating_sub(1);
        queue.waiting.push_front(call);
    }

    /// What was done so far says nothing about how fast DingTalk answers.
    pub(super) fn restart_clock(&mut self) {
        self.started = Instant::now();
        for queue in self.queues.values_mut() {
            queue.done = 0;
        }
    }

    fn next_within(&mut self, width: usize, members: usize) -> Option<ReadCall> {
        let now = Instant::now();
        for (kind, queue) in &mut self.queues {
            let width = if *kind == CallKind::Members {
                members.min(width)
            } else {
                width
            };
            // A tripped breaker lets one call out at a time.
            let width = if queue.breaker.is_tripped() { 1 } else { width };

            // What is over is no longer waited for.
            queue.paused_until = queue.paused_until.filter(|until| *until > now);
            if queue.in_flight >= width || queue.paused_until.is_some() || !queue.has_work() {
                continue;
            }

            let call = if queue.breaker.is_tripped() {
                // What waits, waits on, unless nothing was answered yet that could be asked again.
                queue.breaker.alone(|| queue.waiting.pop_front())
            } else {
                queue.waiting.pop_front()
            };
            if call.is_some() {
                queue.in_flight += 1;
                return call;
            }
        }

        None
    }

    /// A call has ended; how it came to be sent.
    pub(super) fn ended(&mut self, call: &ReadCall) -> Sent {
        let queue = self.queue(call.kind());
        queue.in_flight = queue.in_flight.saturating_sub(1);
        queue.done += 1;
        queue.breaker.how_sent(call)
    }

    /// DingTalk gave what `call` asked for.
    pub(super) fn given(&mut self, call: &ReadCall) {
        self.queue(call.kind()).breaker.given(call);
    }

    /// DingTalk answers calls of this kind. Gives the calls that failed all the same.
    pub(super) fn answered(&mut self, kind: CallKind) -> Vec<(ReadCall, Error)> {
        self.answers += 1;
        self.queue(kind).breaker.answered()
    }

    /// Puts a call that DingTalk was too busy for back in front and lets its queue rest: that never fails a record.
    pub(super) fn rest(&mut self, call: ReadCall, sent: Sent, pause: Duration, error: Error) -> Disposition {
        let kind = call.kind();
        if sent != Sent::Probe {
            self.queue(kind).waiting.push_front(call);
        }
        self.pause(kind, pause, error)
    }

    /// As [`Self::rest`], and then asks one thing alone, another one where there is any: whoever bans us must not be
    /// asked by all at once, and a firewall may object to this very call.
    pub(super) fn barred(&mut self, call: ReadCall, sent: Sent, pause: Duration, error: Error) -> Disposition {
        let kind = call.kind();
        let queue = self.queue(kind);
        queue.breaker.trip();
        if sent != Sent::Probe {
            queue.waiting.push_back(call);
        }
        self.pause(kind, pause, error)
    }

    /// Whether a call of this kind was ever answered with what it asked for.
    pub(super) fn was_ever_given(&mut self, kind: CallKind) -> bool {
        self.queue(kind).breaker.was_ever_given()
    }

    /// Whether a call of any kind was answered.
    pub(super) fn has_any_answer(&self) -> bool {
        self.answers > 0
    }

    /// Whether calls of this kind are under way.
    pub(super) fn is_asking(&mut self, kind: CallKind) -> bool {
        self.queue(kind).in_flight > 0
    }

    /// One call was refused as if all of its kind were: it is asked again after a while, one thing at a time, and where
    /// that doesn't help, the run is set aside. A call that is refused time and again beside others that aren't is
    /// given up.
    pub(super) fn strayed(&mut self, call: ReadCall, sent: Sent, error: Error) -> Disposition {
        let kind = call.kind();
        let queue = self.queue(kind);
        // It was sent before the breaker tripped: the calls that are sent alone tell more.
        if sent == Sent::InTurn && queue.breaker.is_tripped() {
            queue.waiting.push_back(call);
            return Disposition::Again;
        }

        if sent != Sent::Probe && !queue.breaker.was_ever_given() {
            // Nobody was answered yet: it is no call's own fault.
            queue.waiting.push_back(call);
        } else if sent != Sent::Probe && !self.retry(&call) {
            // Others are answered, and this one isn't, time and again.
            return Disposition::GiveUp(call, error);
        }

        let queue = self.queue(kind);
        queue.breaker.trip();
        let pause = queue.breaker.next_rest();
        self.pause(kind, pause, error)
    }

    /// A call failed by bad luck.
    pub(super) fn unlucky(&mut self, call: ReadCall, sent: Sent, error: Error) -> Disposition {
        let (kind, answers) = (call.kind(), self.answers);
        let queue = self.queue(kind);
        let is_suspicious = queue.breaker.failed(answers);

        // DingTalk seems to be away: that is no record's fault, and no try of the call's.
        if queue.breaker.is_tripped() {
            // A probe's answer was taken when it was first given: it is asked again by itself.
            if sent != Sent::Probe {
                queue.waiting.push_back(call);
            }
            // It left before the breaker tripped. Only what was sent alone says that it is still away.
            if sent == Sent::InTurn {
                return Disposition::Again;
            }
            let pause = queue.breaker.next_rest();
            return self.pause(kind, pause, error);
        }

        if is_suspicious {
            // No connection to this URL's host, and to others there are: waiting doesn't help.
            if error.kind == ErrorKind::NotSent && queue.breaker.is_only_here(answers) {
                return Disposition::Hopeless(error);
            }
            queue.breaker.trip();
            queue.waiting.push_back(call);
            return Disposition::Again;
        }

        if self.retry(&call) {
            return Disposition::Again;
        }
        // Its tries are spent: is the record to blame, or DingTalk? A probe tells, where there is something to ask.
        match self.queue(kind).breaker.defer(call, error) {
            Ok(()) => Disposition::Again,
            Err((call, error)) => Disposition::GiveUp(call, error),
        }
    }

    /// DingTalk refused this very call. Whether it has refused every call of this kind so far, and so many that it
    /// isn't the records' fault: something is wrong with all of them.
    pub(super) fn refuses_all(&mut self, kind: CallKind) -> bool {
        let queue = self.queue(kind);
        queue.refused += 1;
        queue.refused >= REFUSED && !queue.breaker.was_ever_given()
    }

    /// A call was answered with what nobody knows the meaning of: it is asked once more, behind the others.
    pub(super) fn odd(&mut self, call: ReadCall, error: Error) -> Disposition {
        let so_far = self.retried.entry(format!("{call:?}")).or_default();
        if *so_far > 0 {
            return Disposition::GiveUp(call, error);
        }
        *so_far += 1;
        self.push(call);
        Disposition::Again
    }

    fn pause(&mut self, kind: CallKind, pause: Duration, error: Error) -> Disposition {
        let patience = self.patience;
        let queue = self.queue(kind);
        let until = Instant::now() + pause;
        queue.paused_until = Some(queue.paused_until.map_or(until, |already| already.max(until)));

        // By the rest's end it will have been silent for too long: to set the run aside now costs nothing more.
        if queue.breaker.waits(until, &error) > patience {
            Disposition::Away(error)
        } else {
            Disposition::Again
        }
    }

    /// What a queue waits for, in DingTalk's words or the network's.
    pub(super) fn trouble(&self) -> Option<&Statement> {
        self.queues.values().find_map(|queue| queue.breaker.trouble())
    }

    /// Ends all rests: a test has no time.
    #[cfg(test)]
    pub(super) fn wake(&mut self) {
        for queue in self.queues.values_mut() {
            queue.paused_until = None;
        }
    }

    /// Puts a call that failed by bad luck back at the end; `false` when it had its chances.
    fn retry(&mut self, call: &ReadCall) -> bool {
        let so_far = self.retried.entry(format!("{call:?}")).or_default();
        if *so_far >= RETRIES {
            return false;
        }
        *so_far += 1;
        self.push(call.clone());
        true
    }

    /// Bulk reading isn't available: what waits for it asks for ids instead.
    pub(super) fn replace_member_pages(&mut self) {
        for call in &mut self.queue(CallKind::Members).waiting {
            if let ReadCall::MemberPage(id, _) = call {
                *call = ReadCall::MemberIds(*id);
            }
        }
    }

    /// When the first resting queue with something to do goes on.
    pub(super) fn wakes_at(&self) -> Option<Instant> {
        let resting = self.queues.values().filter(|queue| queue.has_work());
        resting.filter_map(|queue| queue.paused_until).min()
    }

    /// Calls of this kind that wait, are under way, or have ended.
    pub(super) fn all(&self, kind: CallKind) -> u64 {
        let queue = self.queues.get(&kind);
        queue.map_or(0, |queue| (queue.waiting.len() + queue.in_flight) as u64 + queue.done)
    }

    /// Of those, calls that wait or are under way.
    pub(super) fn open(&self, kind: CallKind) -> u64 {
        let queue = self.queues.get(&kind);
        queue.map_or(0, |queue| (queue.waiting.len() + queue.in_flight) as u64)
    }

    pub(super) fn is_idle(&self, kinds: &[CallKind]) -> bool {
        let idle = |queue: &Queue| !queue.has_work() && queue.in_flight == 0;
        self.queues
            .iter()
            .filter(|(kind, _)| kinds.contains(kind))
            .all(|(_, queue)| idle(queue))
    }

    /// Seconds to go, by the queue that takes longest at its present speed. A lower bound while the tree is discovered;
    /// nobody knows while DingTalk is waited for.
    pub(super) fn eta_seconds(&self) -> Option<u64> {
        if self.trouble().is_some() {
            return None;
        }

        let elapsed = self.started.elapsed().as_secs_f64();
        let left = self.queues.values().filter(|queue| queue.done > 0).map(|queue| {
            let waiting = (queue.waiting.len() + queue.in_flight) as f64;
            waiting * elapsed / queue.done as f64
        });
        left.reduce(f64::max).map(|seconds| seconds.ceil() as u64)
    }
}
