//! Queues of calls, one for each of DingTalk's limits, so that every API is kept busy and none waits for another.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    time::Duration,
};

use tokio::time::Instant;

use super::call::{Call, Lane};

/// How often a call that failed by bad luck is put back before its record is given up.
const RETRIES: u32 = 2;

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Call>,
    in_flight: usize,
    done: u64,
    paused_until: Option<Instant>,
}

/// The calls that wait, by lane.
pub(super) struct Lanes {
    queues: BTreeMap<Lane, Queue>,
    /// Calls in flight at most, each lane.
    width: usize,
    /// Retries so far, of calls that failed at least once.
    retried: HashMap<String, u32>,
    started: Instant,
}

impl Lanes {
    pub(super) fn new(width: usize) -> Self {
        Self {
            queues: Lane::ALL.into_iter().map(|lane| (lane, Queue::default())).collect(),
            width: width.max(1),
            retried: HashMap::new(),
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
            if queue.in_flight < width
                && queue.paused_until.is_none_or(|until| until <= now)
                && let Some(call) = queue.waiting.pop_front()
            {
                queue.in_flight += 1;
                return Some(call);
            }
        }
        None
    }

    pub(super) fn ended(&mut self, lane: Lane) {
        let queue = self.queue(lane);
        queue.in_flight = queue.in_flight.saturating_sub(1);
        queue.done += 1;
    }

    /// Puts a throttled call back in front and lets its lane rest: a throttle never fails a record.
    pub(super) fn rest(&mut self, call: Call, pause: Duration) {
        let queue = self.queue(call.lane());
        let until = Instant::now() + pause;
        queue.paused_until = Some(queue.paused_until.map_or(until, |already| already.max(until)));
        queue.waiting.push_front(call);
    }

    /// Puts a call that failed by bad luck back at the end; `false` when it had its chances.
    pub(super) fn retry(&mut self, call: &Call) -> bool {
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
        let resting = self.queues.values().filter(|queue| !queue.waiting.is_empty());
        resting.filter_map(|queue| queue.paused_until).min()
    }

    pub(super) fn is_idle(&self, lanes: &[Lane]) -> bool {
        let idle = |queue: &Queue| queue.waiting.is_empty() && queue.in_flight == 0;
        self.queues
            .iter()
            .filter(|(lane, _)| lanes.contains(lane))
            .all(|(_, queue)| idle(queue))
    }

    /// Seconds to go, by the lane that takes longest at its present speed. A lower bound while the tree is discovered.
    pub(super) fn eta_seconds(&self) -> Option<u64> {
        let elapsed = self.started.elapsed().as_secs_f64();
        let left = self.queues.values().filter(|queue| queue.done > 0).map(|queue| {
            let waiting = (queue.waiting.len() + queue.in_flight) as f64;
            waiting * elapsed / queue.done as f64
        });
        left.reduce(f64::max).map(|seconds| seconds.ceil() as u64)
    }
}
