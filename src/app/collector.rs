//! Figures of the mirror and of DingTalk's calls, read at each scrape of `/metrics`.

use std::fmt;

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{counter::ConstCounter, gauge::ConstGauge},
};

use super::{
    readiness,
    watched::{Seen, Watched},
};
use crate::{
    dingtalk::CallOutcome,
    directory::RunState,
    graphql::Services,
    message::{CallPurpose, Quota, RecipientState},
    settings::Api,
    telemetry,
    word::word,
};

/// What the figures are read from.
pub(super) struct MetricsCollector(pub(super) Services, pub(super) Watched);

impl fmt::Debug for MetricsCollector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MetricsCollector")
    }
}

impl Collector for MetricsCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let snapshot = self.0.snapshots.current();
        let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        gauge(
            &mut encoder,
            "mirror_revision",
            "Revision that answers come from.",
            snapshot.revision(),
        )?;
        gauge(
            &mut encoder,
            "mirror_users",
            "People who are not gone.",
            count(snapshot.user_count()),
        )?;
        gauge(
            &mut encoder,
            "mirror_departments",
            "Departments that are not gone.",
            count(snapshot.department_count()),
        )?;

        let last = self.0.sync.progress().borrow().clone();
        let running = last.as_ref().is_some_and(|run| run.state == RunState::Running);
        gauge(
            &mut encoder,
            "sync_running",
            "1 while a sync runs, on whichever replica.",
            i64::from(running),
        )?;
        let seen = self.1.seen();
        gauge(
            &mut encoder,
            "sync_last_end_timestamp_seconds",
            "When the last sync that was no dry run ended; 0 before the first.",
            seen.last_sync.map_or(0, |sync| sync.ended_at.timestamp()),
        )?;
        gauge(
            &mut encoder,
            "sync_last_complete",
            "1 if the last sync that was no dry run ended COMPLETE.",
            i64::from(seen.last_sync.is_some_and(|sync| sync.is_complete)),
        )?;
        self.delivery(&mut encoder, &seen)?;
        quota(&mut encoder, seen.quota.as_ref())?;

        self.clocks(&mut encoder)?;

        let events = self.0.intake.figures();
        gauge(
            &mut encoder,
            "events_stream_connected",
            "1 while a stream connection to DingTalk is open.",
            i64::from(events.stream_connected),
        )?;
        for (name, help, count) in [
            ("events_received", "Events of DingTalk that were new.", events.received),
            (
                "events_repeated",
                "Events of DingTalk that were known already.",
                events.repeated,
            ),
            (
                "events_refused",
                "Pushes that were refused: forged, damaged, for somebody else.",
                events.refused,
            ),
            (
                "log_lines_dropped",
                "Lines of the log that nobody read in time.",
                telemetry::dropped(),
            ),
        ] {
            let counter = ConstCounter::new(count);
            counter.encode(encoder.encode_descriptor(name, help, None, counter.metric_type())?)?;
        }

        let stats = self.0.client.stats();
        let name = "dingtalk_calls";
        let zero = ConstCounter::new(0_u64);
        let mut calls =
            encoder.encode_descriptor(name, "Calls to DingTalk, retries included.", None, zero.metric_type())?;
        // Every API from the start, so that a rate over the first call is right.
        for api in Api::ALL {
            let made = ConstCounter::new(stats.calls.get(&api).copied().unwrap_or(0));
            made.encode(calls.encode_family(&[("api", api.path())])?)?;
        }

        let rate = ConstGauge::new(0.0_f64);
        let help = "Calls a second that each API has at present; fewer than configured while DingTalk throttles.";
        let mut rates = encoder.encode_descriptor("dingtalk_rate", help, None, rate.metric_type())?;
        for api in Api::ALL {
            ConstGauge::new(self.0.client.rate(api)).encode(rates.encode_family(&[("api", api.path())])?)?;
        }

        let help = "Requests to DingTalk by how they ended: ok, throttled, refused, no_answer.";
        let mut ended = encoder.encode_descriptor("dingtalk_call_outcomes", help, None, zero.metric_type())?;
        for (api, outcome) in Api::ALL
            .into_iter()
            .flat_map(|api| CallOutcome::ALL.map(|outcome| (api, outcome)))
        {
            let labels = [("api", api.path()), ("outcome", outcome.name())];
            ConstCounter::new(self.0.client.outcomes(api, outcome)).encode(ended.encode_family(&labels)?)?;
        }

        let throttled = ConstCounter::new(stats.throttled);
        let help = "Calls that DingTalk throttled.";
        throttled.encode(encoder.encode_descriptor("dingtalk_throttled", help, None, throttled.metric_type())?)
    }
}

impl MetricsCollector {
    /// A clock that was not compared yet has no line.
    fn clocks(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let skews = self.0.clock.skews();
        let help =
            "How far the first clock is ahead of the second; negative: behind. More than 30 s is told in the log.";
        let none = ConstGauge::new(0.0_f64);
        let mut family = encoder.encode_descriptor("clock_skew_seconds", help, None, none.metric_type())?;
        for (between, skew) in [
            ("machine_database", skews.machine_to_database),
            ("used_dingtalk", skews.to_dingtalk),
        ] {
            if let Some(skew) = skew {
                ConstGauge::new(readiness::seconds(skew)).encode(family.encode_family(&[("between", between)])?)?;
            }
        }

        gauge(
            encoder,
            "sends_nothing",
            "1 while this process, and perhaps no other one, is kept from sending: by its key, its list of hosts, its address, or settings \
             that it can't read.",
            i64::from(self.0.delivery.fault().is_some()),
        )
    }

    /// Every state from the start, so that an alert on one that never was is no gap.
    fn delivery(&self, encoder: &mut DescriptorEncoder<'_>, seen: &Seen) -> Result<(), fmt::Error> {
        let help = "Recipients of all messages on record, by state; counted every ten seconds or less often.";
        let none = ConstGauge::new(0_i64);
        let mut states = encoder.encode_descriptor("delivery_recipients", help, None, none.metric_type())?;
        for state in RecipientState::ALL {
            let count = seen.outbox.recipients.get(&state).copied().unwrap_or(0);
            let count = ConstGauge::new(i64::try_from(count).unwrap_or(i64::MAX));
            count.encode(states.encode_family(&[("state", word(&state))])?)?;
        }

        let now = self.0.clock.now();
        let waits = seen
            .outbox
            .oldest_queued
            .map_or(0, |at| (now - at).num_seconds().max(0));
        gauge(
            encoder,
            "delivery_oldest_queued_seconds",
            "How long the message has waited that waits for longest; 0 where none does.",
            waits,
        )?;
        gauge(
            encoder,
            "delivery_stopped",
            "1 while nothing is sent, because somebody has to put something right or the month's quota is used up.",
            i64::from(seen.stopped_until.is_some_and(|until| until > now)),
        )
    }
}

/// Every purpose from the start.
fn quota(encoder: &mut DescriptorEncoder<'_>, quota: Option<&Quota>) -> Result<(), fmt::Error> {
    let number = |calls: u64| i64::try_from(calls).unwrap_or(i64::MAX);
    gauge(
        encoder,
        "quota_limit_calls",
        "Metered calls that the company has this month: as configured, or what was used when DingTalk said that there are no more; 0 \
         before it was read.",
        quota.map_or(0, |quota| number(quota.limit)),
    )?;

    let help = "Metered calls of this month (Beijing) by what they were made for, of all replicas.";
    let none = ConstGauge::new(0_i64);
    let mut used = encoder.encode_descriptor("quota_used_calls", help, None, none.metric_type())?;
    for purpose in CallPurpose::ALL {
        let told = quota.and_then(|quota| quota.by_purpose.iter().find(|(it, _)| *it == purpose));
        let calls = ConstGauge::new(told.map_or(0, |(_, calls)| number(*calls)));
        calls.encode(used.encode_family(&[("purpose", word(&purpose))])?)?;
    }

    gauge(
        encoder,
        "quota_forecast_exhausted_timestamp_seconds",
        "When the month's calls are used up, if it goes on as in the last seven days; 0: not this month.",
        quota
            .and_then(|quota| quota.forecast_exhausted_at)
            .map_or(0, |at| at.timestamp()),
    )
}

fn gauge(encoder: &mut DescriptorEncoder<'_>, name: &str, help: &str, value: i64) -> Result<(), fmt::Error> {
    let gauge = ConstGauge::new(value);
    gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)
}
