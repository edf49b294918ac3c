//! Queues of calls, one for each of DingTalk's limits, so that every API is kept busy and none waits for another.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    time::Duration,
};

use tokio::time::Instant;

use super::{
    Pace,
    call::{Call, Lane},
    trust::{Sent, Trust},
};
use crate::dingtalk::{Error, ErrorKind};

/// So many calls of a lane are refused one by one before it is believed that none will ever be answered.
const REFUSED: u32 = 30;

/// How often a call that failed by bad luck is put back before its record is given up.
const RETRIES: u32 = 2;

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Call>,
    in_flight: usize,
    done: u64,
    paused_until: Option<Instant>,
    trust: Trust,
    /// Calls that DingTalk answered with a refusal of this very call.
    refused: u32,
}

impl Queue {
    fn has_work(&self) -> bool {
        !self.waiting.is_empty() || self.trust.has_suspects()
    }
}

/// What becomes of a call that failed.
pub(super) enum Fate {
    /// It is asked again.
    Again,
    /// Its record stays unread.
    GiveUp(Call, Error),
    /// DingTalk has been away for longer than the crawl waits.
    Away(Error),
    /// It will never be answered: the URL leads nowhere.
    Hopeless(Error),
}

/// The calls that wait, by lane.
pub(super) struct Lanes {
    queues: BTreeMap<Lane, Queue>,
    /// Calls in flight at most, each lane.
    width: usize,
    /// How long a lane may be without an answer.
    patience: Duration,
    /// Retries so far, of calls that failed at least once.
    retried: HashMap<String, u32>,
    /// Answers of all lanes.
    answers: u64,
    started: Instant,
}

impl Lanes {
    pub(super) fn new(pace: Pace) -> Self {
        Self {
            queues: Lane::ALL.into_iter().map(|lane| (lane, Queue::default())).collect(),
            width: pace.width.max(1),
            patience: pace.patience,
            retried: HashMap::new(),
            answers: 0,
            started: Instant::now(),
        }
    }

    fn queue(&mut self, lane: Lane) -> &mut Queue {
        self.queues.entry(lane).or_default()
    }

    pub(super) fn push(&mut self, call: Call) {
        self.queue(call.lane()).waiting.push_back(call);
    }

    /// The next call that may go out now. `members` narrows the lane of member lists (a probe goes alone).
    pub(super) fn next(&mut self, members: usize) -> Option<Call> {
        self.next_within(self.width, members)
    }

    /// The next call, however many are in flight.
    pub(super) fn next_of_any(&mut self, members: usize) -> Option<Call> {
        self.next_within(usize::MAX, members)
    }

    /// A call that [`Self::next_of_any`] gave goes back to where it was.
    pub(super) fn put_back(&mut self, call: Call) {
        let queue = self.queue(call.lane());
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

    fn next_within(&mut self, width: usize, members: usize) -> Option<Call> {
        let now = Instant::now();
        for (lane, queue) in &mut self.queues {
            let width = if *lane == Lane::Members {
                members.min(width)
            } else {
                width
            };
            // A lane in doubt asks one thing at a time.
            let width = if queue.trust.is_doubted() { 1 } else { width };

            // What is over is no longer waited for.
            queue.paused_until = queue.paused_until.filter(|until| *until > now);
            if queue.in_flight >= width || queue.paused_until.is_some() || !queue.has_work() {
                continue;
            }

            let call = if queue.trust.is_doubted() {
                queue.trust.alone(|| queue.waiting.pop_front())
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
    pub(super) fn ended(&mut self, call: &Call) -> Sent {
        let queue = self.queue(call.lane());
        queue.in_flight = queue.in_flight.saturating_sub(1);
        queue.done += 1;
        queue.trust.how_sent(call)
    }

    /// DingTalk gave what `call` asked for.
    pub(super) fn knows(&mut self, call: &Call) {
        self.queue(call.lane()).trust.knows(call);
    }

    /// DingTalk answers this lane. Gives the calls that failed all the same.
    pub(super) fn answered(&mut self, lane: Lane) -> Vec<(Call, Error)> {
        self.answers += 1;
        self.queue(lane).trust.answered()
    }

    /// Puts a call that DingTalk was too busy for back in front and lets its lane rest: that never fails a record.
    pub(super) fn rest(&mut self, call: Call, sent: Sent, pause: Duration, error: Error) -> Fate {
        let lane = call.lane();
        if sent != Sent::Probe {
            self.queue(lane).waiting.push_front(call);
        }
        self.pause(lane, pause, error)
    }

    /// As [`Self::rest`], and then asks one thing alone, another one where there is any: whoever bans us must not be
    /// asked by all at once, and a firewall may object to this very call.
    pub(super) fn barred(&mut self, call: Call, sent: Sent, pause: Duration, error: Error) -> Fate {
        let lane = call.lane();
        let queue = self.queue(lane);
        queue.trust.doubt();
        if sent != Sent::Probe {
            queue.waiting.push_back(call);
        }
        self.pause(lane, pause, error)
    }

    /// Whether this lane was ever answered with what was asked for.
    pub(super) fn has_answered(&mut self, lane: Lane) -> bool {
        self.queue(lane).trust.has_answered()
    }

    /// Whether any lane was answered.
    pub(super) fn has_any_answer(&self) -> bool {
        self.answers > 0
    }

    /// Whether calls of this lane are under way.
    pub(super) fn is_asking(&mut self, lane: Lane) -> bool {
        self.queue(lane).in_flight > 0
    }

    /// One call was refused as if all of its lane were: it is asked again after a while, one thing at a time, and where
    /// that doesn't help, the run is set aside. A call that is refused time and again beside others that aren't is
    /// given up.
    pub(super) fn strayed(&mut self, call: Call, sent: Sent, error: Error) -> Fate {
        let lane = call.lane();
        let queue = self.queue(lane);
        // It was sent before the doubt arose: the calls that are sent alone tell more.
        if sent == Sent::InTurn && queue.trust.is_doubted() {
            queue.waiting.push_back(call);
            return Fate::Again;
        }

        if sent != Sent::Probe && !queue.trust.has_answered() {
            // Nobody was answered yet: it is no call's own fault.
            queue.waiting.push_back(call);
        } else if sent != Sent::Probe && !self.retry(&call) {
            return Fate::GiveUp(call, error);
        }

        let queue = self.queue(lane);
        queue.trust.doubt();
        let pause = queue.trust.next_rest();
        self.pause(lane, pause, error)
    }

    /// A call failed by bad luck.
    pub(super) fn unlucky(&mut self, call: Call, sent: Sent, error: Error) -> Fate {
        let (lane, answers) = (call.lane(), self.answers);
        let queue = self.queue(lane);
        let is_suspicious = queue.trust.failed(answers);

        if queue.trust.is_doubted() {
            if sent != Sent::Probe {
                queue.waiting.push_back(call);
            }
            if sent == Sent::InTurn {
                return Fate::Again;
            }
            let pause = queue.trust.next_rest();
            return self.pause(lane, pause, error);
        }

        if is_suspicious {
            if error.kind == ErrorKind::NotSent && queue.trust.is_only_here(answers) {
                return Fate::Hopeless(error);
            }
            queue.trust.doubt();
            queue.waiting.push_back(call);
            return Fate::Again;
        }

        if self.retry(&call) {
            return Fate::Again;
        }
        match self.queue(lane).trust.suspect(call, error) {
            Ok(()) => Fate::Again,
            Err((call, error)) => Fate::GiveUp(call, error),
        }
    }

    /// DingTalk refused this very call. Whether it has refused every call of the lane so far, and so many that it isn't
    /// the records' fault: something is wrong with all of them.
    pub(super) fn refuses_all(&mut self, lane: Lane) -> bool {
        let queue = self.queue(lane);
        queue.refused += 1;
        queue.refused >= REFUSED && !queue.trust.knows_any()
    }

    /// A call was answered with what nobody knows the meaning of: it is asked once more, behind the others.
    pub(super) fn odd(&mut self, call: Call, error: Error) -> Fate {
        let so_far = self.retried.entry(format!("{call:?}")).or_default();
        if *so_far > 0 {
            return Fate::GiveUp(call, error);
        }
        *so_far += 1;
        self.push(call);
        Fate::Again
    }

    fn pause(&mut self, lane: Lane, pause: Duration, error: Error) -> Fate {
        let patience = self.patience;
        let queue = self.queue(lane);
        let until = Instant::now() + pause;
        queue.paused_until = Some(queue.paused_until.map_or(until, |already| already.max(until)));

        if queue.trust.waits(until, &error) > patience {
            Fate::Away(error)
        } else {
            Fate::Again
        }
    }

    /// What a lane waits for, in DingTalk's words or the network's.
    pub(super) fn trouble(&self) -> Option<&str> {
        self.queues.values().find_map(|queue| queue.trust.trouble())
    }

    /// Ends all rests: a test has no time.
    #[cfg(test)]
    pub(super) fn wake(&mut self) {
        for queue in self.queues.values_mut() {
            queue.paused_until = None;
        }
    }

    /// Puts a call that failed by bad luck back at the end; `false` when it had its chances.
    fn retry(&mut self, call: &Call) -> bool {
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
        for call in &mut self.queue(Lane::Members).waiting {
            if let Call::MemberPage(id, _) = call {
                *call = Call::MemberIds(*id);
            }
        }
    }

    /// When the first resting lane with something to do goes on.
    pub(super) fn wakes_at(&self) -> Option<Instant> {
        let resting = self.queues.values().filter(|queue| queue.has_work());
        resting.filter_map(|queue| queue.paused_until).min()
    }

    pub(super) fn is_idle(&self, lanes: &[Lane]) -> bool {
        let idle = |queue: &Queue| !queue.has_work() && queue.in_flight == 0;
        self.queues
            .iter()
            .filter(|(lane, _)| lanes.contains(lane))
            .all(|(_, queue)| idle(queue))
    }

    /// Seconds to go, by the lane that takes longest at its present speed. A lower bound while the tree is discovered;
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
