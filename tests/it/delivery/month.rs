//! A typical month in simulated time: what it costs, what is claimed of it, and how long the quota lasts.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, TimeDelta, Utc, Weekday};
use dingmirror::message::{Content, Day, FollowUpPolicy, Quota, QuotaRules, RecipientState};
use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

use super::{outbox::Outbox, quota::counted_all, simulated::Simulated};
use crate::support::database::TestDatabase;

/// 2027-03-01 in Beijing: a Monday, and a month of 31 days.
fn began() -> DateTime<Utc> {
    let first = chrono::NaiveDate::from_ymd_opt(2027, 3, 1).expect("a day");
    Day::from(first).start()
}

/// A notification of the month.
struct Planned {
    at: DateTime<Utc>,
    recipients: usize,
    /// It says what the one before it said, to the same people.
    repeats: bool,
    /// Whether somebody reads it some minutes later.
    is_read: bool,
}

/// 60 % to one person, 30 % to 2 to 20, 10 % to 100 to 150; on working days between 8 and 19 o'clock, a few at
/// weekends; two in a hundred repeat the one before.
fn plan(notifications: usize) -> Vec<Planned> {
    // Splitmix64: the same month each time.
    let mut state = 19_u64;
    let mut below = |most: usize| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) >> 32).expect("it fits") % most
    };
    let first = Day::of(began());
    let days: Vec<Day> = (0..31)
        .map(|n| Day(first.0 + n))
        .flat_map(|day| {
            let is_weekend = matches!(day.date().weekday(), Weekday::Sat | Weekday::Sun);
            std::iter::repeat_n(day, if is_weekend { 1 } else { 12 })
        })
        .collect();

    let mut planned: Vec<Planned> = (0..notifications)
        .map(|n| {
            let day = days[below(days.len())];
            let second = 8 * 3_600 + i64::try_from(below(11 * 3_600)).expect("it fits");
            Planned {
                at: day.start() + TimeDelta::seconds(second),
                recipients: match n % 10 {
                    0..6 => 1,
                    6..9 => 2 + below(19),
                    _ => 100 + below(51),
                },
                repeats: n % 50 == 25,
                is_read: below(2) == 0,
            }
        })
        .collect();
    planned.sort_by_key(|it| it.at);
    for n in 1..planned.len() {
        if planned[n].repeats {
            planned[n].at = planned[n - 1].at + TimeDelta::seconds(1);
        }
    }
    planned
}

/// What a month came to.
struct Month {
    /// Metered calls by the simulator's own count.
    calls: u64,
    /// Recipients by the state that is claimed.
    states: BTreeMap<RecipientState, usize>,
    /// The quota as it stood at the end of the tenth day.
    tenth_day: Quota,
    /// When the calls came to the limit.
    exhausted_at: Option<DateTime<Utc>>,
}

/// Sends it, and has everything asked that is due in the next minutes. Somebody may read it meanwhile.
async fn notify(simulated: &mut Simulated, planned: &Planned, content: &str, from: usize) -> Uuid {
    let people = simulated.outbox.people.iter().cycle().skip(from);
    let people: Vec<_> = people.take(planned.recipients).cloned().collect();
    let mut request = simulated.outbox.to(&people);
    request.content = Content::Text {
        content: content.to_owned(),
    }
    .into();
    let id = simulated.send(request).await;

    // DingTalk is asked at these ages at most; later ones fall into the hours.
    let sent = simulated.now();
    simulated.advance(sent + TimeDelta::seconds(6)).await;
    simulated.advance(sent + TimeDelta::seconds(61)).await;
    if planned.is_read && !planned.repeats {
        let row = simulated.outbox.recipients(id).await.remove(0);
        let read = json!({ "task_id": row.task_id, "userid": row.userid.as_ref().map(ToString::to_string) });
        simulated
            .outbox
            .dingtalk
            .tell(Method::POST, "messages/read", read)
            .await;
    }
    simulated.advance(sent + TimeDelta::seconds(601)).await;
    id
}

/// A month of so many notifications.
async fn month(database: &TestDatabase, notifications: usize, follow_up: FollowUpPolicy) -> Month {
    // LIVE comes to an end with so many, so that there is one to foretell.
    let quota = QuotaRules {
        monthly: 5 * notifications as u64,
        reserved: 0,
    };
    let mut simulated = Simulated::start(database, began() - TimeDelta::hours(1), follow_up, quota).await;
    let tenth = began() + TimeDelta::days(10);
    let (mut tenth_day, mut sent) = (None, Vec::new());
    let (mut content, mut from) = (String::new(), 0);
    let mut last = 0;

    for (n, planned) in plan(notifications).iter().enumerate() {
        if planned.at >= tenth && tenth_day.is_none() {
            simulated.advance_by_steps(tenth).await;
            tenth_day = Some(simulated.outbox.delivery.quota().await.unwrap());
        }
        simulated.advance_by_steps(planned.at).await;
        if !planned.repeats || n == 0 {
            content = format!("Page {n} changed");
            from = n * 7;
            last = planned.recipients;
        }
        let planned = Planned {
            recipients: if planned.repeats { last } else { planned.recipients },
            ..*planned
        };
        sent.push(notify(&mut simulated, &planned, &content, from).await);
    }
    let end = simulated.now() + TimeDelta::hours(25);
    simulated.advance_by_steps(end).await;

    let calls = counted_all(&simulated.outbox).await;
    let told = simulated.outbox.store.metered_calls(Day(0)).await.unwrap();
    let (march, april) = (began(), began() + TimeDelta::days(31));
    let counted = told.in_month(march, |_| true) + told.in_month(april, |_| true);
    assert_eq!(counted, calls, "each call is counted, and no other");

    let states = compare(&simulated.outbox, &sent, follow_up).await;
    simulated.outbox.stop().await;
    Month {
        calls,
        states,
        tenth_day: tenth_day.expect("there were ten days"),
        exhausted_at: simulated.exhausted_at,
    }
}

/// Every state that is claimed is the simulator's; of who isn't known, that is told.
async fn compare(outbox: &Outbox, sent: &[Uuid], follow_up: FollowUpPolicy) -> BTreeMap<RecipientState, usize> {
    let mut record = BTreeMap::new();
    for task in outbox.sends().await {
        let id = task["task_id"].as_i64().unwrap();
        for receiver in task["receivers"].as_array().unwrap() {
            let user = receiver["userid"].as_str().unwrap().to_owned();
            let state = match (receiver["outcome"].as_str().unwrap(), receiver["read"] == true) {
                ("delivered", true) => RecipientState::Read,
                ("delivered", false) => RecipientState::DeliveredUnread,
                ("forbidden", _) => RecipientState::DroppedDuplicate,
                other => panic!("{other:?}"),
            };
            record.insert((id, user), state);
        }
    }

    let mut states = BTreeMap::new();
    for id in sent {
        for row in outbox.recipients(*id).await {
            *states.entry(row.state).or_default() += 1;
            let user = row.userid.as_ref().expect("everybody is a user").to_string();
            let task = row.task_id.expect("everybody was sent to");
            let told = record[&(task, user)];
            let code = row.reason.as_ref().map(|reason| reason.code().to_owned());
            match (row.state, code.as_deref()) {
                (RecipientState::Accepted, Some("CALLS_ARE_KEPT_FOR_SENDING")) => {
                    assert_eq!(follow_up, FollowUpPolicy::Auto);
                }
                // It was so when DingTalk was asked last, and that is what is said.
                (RecipientState::DeliveredUnread, Some("READ_SINCE_UNKNOWN")) => {
                    assert_eq!(follow_up, FollowUpPolicy::Auto);
                    assert!(matches!(told, RecipientState::DeliveredUnread | RecipientState::Read));
                }
                _ => assert_eq!(row.state, told, "{row:?}"),
            }
        }
    }
    states
}

/// A month on the default, and one on LIVE beside it.
async fn both(database: &TestDatabase, other: &TestDatabase, notifications: usize) {
    let each = |month: &Month| month.calls as f64 / notifications as f64;
    let auto = month(database, notifications, FollowUpPolicy::default()).await;
    println!(
        "figure: AUTO {:.3} metered calls a notification, {:?}",
        each(&auto),
        auto.states
    );
    assert!(each(&auto) <= 1.2, "{} calls", auto.calls);
    assert!(each(&auto) > 1.15, "what is left is used: {} calls", auto.calls);
    assert_eq!((auto.exhausted_at, auto.tenth_day.forecast_exhausted_at), (None, None));
    let known = auto.states.get(&RecipientState::DroppedDuplicate);
    assert!(known.is_some(), "what is in doubt is asked about: {:?}", auto.states);

    let live = month(other, notifications, FollowUpPolicy::Live).await;
    let forecast = live.tenth_day.forecast_exhausted_at.expect("an end is foretold");
    let exhausted = live.exhausted_at.expect("the calls came to the limit");
    let off = (forecast - exhausted).abs().as_seconds_f64() / (exhausted - began()).as_seconds_f64();
    println!(
        "figure: LIVE {:.3} metered calls a notification, {:?}; after ten days the end was foretold for {forecast}, and came at \
         {exhausted}: {:.1} % off",
        each(&live),
        live.states,
        100.0 * off
    );
    assert!(
        !live.states.contains_key(&RecipientState::Accepted),
        "{:?}",
        live.states
    );
    assert!(off <= 0.1, "foretold for {forecast}, and it was {exhausted}");
}

both_databases!(
    async fn a_short_month_costs_what_it_may_and_claims_nothing_that_isnt_so(database: TestDatabase) {
        let notifications = 60;
        let auto = month(database, notifications, FollowUpPolicy::default()).await;
        println!("figure: {} metered calls, {:?}", auto.calls, auto.states);
        assert!(auto.calls as f64 <= 1.2 * notifications as f64, "{} calls", auto.calls);
        assert!(auto.states.contains_key(&RecipientState::DroppedDuplicate));
        assert_eq!(auto.tenth_day.forecast_exhausted_at, None);
    }
);

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: `make prove` runs it"]
async fn a_thousand_notifications_of_a_month_on_the_default_and_on_live() {
    let (database, other) = (TestDatabase::postgres().await, TestDatabase::sqlite().await);
    both(&database, &other, 1_000).await;
    database.remove().await;
}
