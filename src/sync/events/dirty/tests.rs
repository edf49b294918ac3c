//! What waits, and for how long.

use super::*;
use crate::{dingtalk::ErrorKind, settings::Api};

const BETWEEN_TRIES: Duration = Duration::from_secs(20);

fn user(id: &str) -> RecordId {
    RecordId::User(id.into())
}

/// An answer about a person, of this kind.
pub(in crate::sync::events) fn error(kind: ErrorKind) -> Error {
    Error {
        api: Api::UserGet,
        kind,
        code: None,
        message: String::new(),
        retry_after: None,
    }
}

#[tokio::test(start_paused = true)]
async fn a_crowd_keeps_nobody_waiting_who_was_named_alone() {
    let mut dirty = Dirty::new(20, BETWEEN_TRIES);
    let start = Instant::now();
    let crowd: Vec<RecordId> = (0..12_001).map(|n| user(&format!("u{n:05}"))).collect();
    dirty.add(1, "e1".into(), crowd.clone(), start);
    dirty.hasten(&crowd);
    let later = start + Duration::from_secs(1);
    dirty.add(2, "e2".into(), vec![user("zoe")], later);
    dirty.add(3, "e3".into(), vec![user("u00007")], later);

    let batch = dirty.take(later + QUIET, 20, &Claims::default());
    let first: Vec<&RecordId> = batch.iter().take(2).map(|taken| &taken.subject).collect();
    assert_eq!(first, [&user("u00007"), &user("zoe")]);
}

#[tokio::test(start_paused = true)]
async fn a_crowd_that_was_not_answered_about_stays_one() {
    let mut dirty = Dirty::new(20, BETWEEN_TRIES);
    let mut now = Instant::now();
    let crowd: Vec<RecordId> = (0..300).map(|n| user(&format!("of the crowd {n}"))).collect();
    dirty.add(1, "crowd".into(), crowd.clone(), now);
    now += LONGEST;
    let batch = dirty.take(now, 400, &Claims::default());
    assert_eq!(batch.len(), 300);
    let untold: Vec<_> = crowd
        .into_iter()
        .map(|it| (it, error(ErrorKind::Unavailable)))
        .collect();
    dirty.settle(batch, &untold, now);

    dirty.add(2, "alone".into(), vec![user("alone")], now);
    now += LONGEST;
    let next = dirty.take(now, 1, &Claims::default());
    assert_eq!(next[0].subject, user("alone"), "they pass the crowd");
}

#[tokio::test(start_paused = true)]
async fn ten_events_for_one_person_are_one_reading_and_are_over_together() {
    let mut dirty = Dirty::new(20, BETWEEN_TRIES);
    let start = Instant::now();
    for seq in 1..=10 {
        assert_eq!(dirty.add(seq, format!("e{seq}"), vec![user("a")], start), None);
    }

    assert_eq!(
        dirty.add(11, "e11".into(), Vec::new(), start),
        Some(11),
        "nothing to do for it"
    );
    assert!(
        dirty.take(start, 20, &Claims::default()).is_empty(),
        "more may follow at once"
    );

    let batch = dirty.take(start + QUIET, 20, &Claims::default());
    assert_eq!((batch.len(), dirty.newest()), (1, 11));
    assert!(dirty.keys_of(&batch).starts_with("e1,e2,"));
    assert_eq!(dirty.settle(batch, &[], start), (1..=10).collect::<Vec<_>>());
    assert!(dirty.open.is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_event_during_the_reading_leads_to_another_reading() {
    let mut dirty = Dirty::new(20, BETWEEN_TRIES);
    let start = Instant::now();
    dirty.add(1, "e1".into(), vec![user("a"), user("b")], start);
    let batch = dirty.take(start + QUIET, 20, &Claims::default());
    dirty.add(2, "e2".into(), vec![user("a")], start + QUIET);
    assert_eq!(dirty.settle(batch, &[], start + QUIET), [1]);
    let again = dirty.take(start + QUIET * 2, 20, &Claims::default());
    assert_eq!(again.iter().map(|it| &it.subject).collect::<Vec<_>>(), [&user("a")]);
    assert_eq!(dirty.settle(again, &[], start), [2]);
}

#[tokio::test(start_paused = true)]
async fn a_person_who_is_named_on_and_on_is_read_all_the_same() {
    let mut dirty = Dirty::new(20, BETWEEN_TRIES);
    let start = Instant::now();
    let mut seq = 0;

    let read = loop {
        seq += 1;
        let now = start + Duration::from_millis(100) * seq;
        dirty.add(i64::from(seq), "e".into(), vec![user("a")], now);
        if !dirty.take(now, 20, &Claims::default()).is_empty() {
            break now - start;
        }
    };

    assert!(read <= PATIENCE + Duration::from_millis(200), "{read:?}");
}

#[tokio::test(start_paused = true)]
async fn a_storm_of_ten_thousand_events_for_a_thousand_people_is_about_a_thousand_readings() {
    let mut dirty = Dirty::new(20, BETWEEN_TRIES);
    let start = Instant::now();
    let (mut readings, mut seq, mut now) = (0, 0, start);

    // 200 events a second for fifty seconds, everybody in turn; twenty records are read a second.
    for tick in 0.. {
        now = start + Duration::from_millis(50) * tick;
        for _ in 0..10 {
            if seq < 10_000 {
                seq += 1;
                dirty.add(seq, "e".into(), vec![user(&format!("u{}", seq % 1_000))], now);
            }
        }
        readings += dirty.take(now, 1, &Claims::default()).len();
        if seq == 10_000 && dirty.len() == 0 {
            break;
        }
    }

    assert!((1_000..1_100).contains(&readings), "{readings} readings");
    assert!(now - start < Duration::from_secs(180), "{:?}", now - start);
}

#[tokio::test(start_paused = true)]
async fn whoever_was_answered_about_is_tried_again_and_who_is_outside_the_scope_is_not() {
    for odd in [
        ErrorKind::UnknownCode,
        ErrorKind::BadRequest,
        ErrorKind::Undecodable,
        ErrorKind::MissingPermission,
    ] {
        tried_again_after(odd);
    }
}

fn tried_again_after(odd: ErrorKind) {
    let mut dirty = Dirty::new(20, BETWEEN_TRIES);
    let mut now = Instant::now();
    dirty.add(1, "e1".into(), vec![user("a")], now);
    dirty.add(2, "e2".into(), vec![user("b")], now);
    now += QUIET;
    let untold = [(user("a"), error(odd)), (user("b"), error(ErrorKind::OutOfScope))];
    let batch = dirty.take(now, 20, &Claims::default());
    assert_eq!(dirty.settle(batch, &untold, now), [2]);

    let mut over = Vec::new();
    for _ in 1..TRIES {
        assert!(dirty.take(now, 20, &Claims::default()).is_empty());
        now = dirty.due(&Claims::default()).expect("it waits");
        let batch = dirty.take(now, 20, &Claims::default());
        over = dirty.settle(batch, &untold, now);
    }

    assert_eq!(over, [1], "then it is the reconciliation's");
    assert_eq!(dirty.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn whoever_was_not_answered_about_waits_until_somebody_answers() {
    for silent in [
        ErrorKind::Unavailable,
        ErrorKind::NotSent,
        ErrorKind::Throttled,
        ErrorKind::OutcomeUnknown,
    ] {
        let mut dirty = Dirty::new(20, BETWEEN_TRIES);
        let mut now = Instant::now();
        dirty.add(1, "e1".into(), vec![user("a")], now);
        now += QUIET;
        let untold = [(user("a"), error(silent))];

        let mut waits = Vec::new();
        for _ in 0..500 {
            let batch = dirty.take(now, 20, &Claims::default());
            assert_eq!(dirty.settle(batch, &untold, now), Vec::<i64>::new(), "{silent:?}");
            let next = dirty.due(&Claims::default()).expect("it waits");
            waits.push(next - now);
            now = next;
        }

        assert!(
            waits[0] <= BETWEEN_TRIES + QUIET && waits[499] > BETWEEN_TRIES * 5,
            "{silent:?}"
        );
        assert!(
            waits.iter().all(|wait| *wait <= Duration::from_mins(5) + QUIET),
            "{silent:?}"
        );

        let batch = dirty.take(now, 20, &Claims::default());
        assert_eq!(dirty.settle(batch, &[], now), [1], "{silent:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_acted_upon_for_long_is_forgotten_with_its_records() {
    let (mut dirty, nobody) = (Dirty::new(20, BETWEEN_TRIES), Claims::default());
    dirty.add(1, "e1".into(), vec![user("a"), user("b")], Instant::now());
    let batch = dirty.take(Instant::now() + QUIET, 1, &nobody);

    tokio::time::advance(Duration::from_secs(60)).await;
    dirty.add(2, "e2".into(), vec![user("b")], Instant::now());
    dirty.add(
        3,
        "e3".into(),
        vec![user("c")],
        Instant::now() - Duration::from_secs(50),
    );

    dirty.forget(Duration::from_secs(30));
    assert_eq!((dirty.open(), dirty.len()), (1, 1), "b is named by another, c by none");

    // Whoever was being read meanwhile is put back, or settled, in peace.
    dirty.put_all_back(batch, Instant::now());
    let batch = dirty.take(Instant::now() + PATIENCE, 20, &nobody);
    assert_eq!((batch.len(), dirty.settle(batch, &[], Instant::now())), (2, vec![2]));
}

#[tokio::test(start_paused = true)]
async fn whoever_comes_or_goes_passes_a_storm() {
    let (mut dirty, nobody) = (Dirty::new(2, BETWEEN_TRIES), Claims::default());
    let start = Instant::now();
    for n in 0..20 {
        dirty.add(n, format!("e{n}"), vec![user(&format!("u{n}"))], start);
    }
    dirty.add(21, "e21".into(), vec![user("hire")], start);
    dirty.hasten(&[user("hire")]);

    let batch = dirty.take(start + QUIET, 2, &nobody);
    assert_eq!(batch.iter().map(|it| &it.subject).collect::<Vec<_>>(), [&user("hire")]);
}

#[tokio::test(start_paused = true)]
async fn who_is_read_along_is_read_once_unless_more_is_heard_of_them() {
    let (mut dirty, claims) = (Dirty::new(20, BETWEEN_TRIES), std::sync::Arc::new(Claims::default()));
    let claim = crate::sync::refresh::Claim {
        claims: claims.clone(),
        turn: 1,
    };

    let start = Instant::now();
    dirty.add(1, "e1".into(), vec![user("a"), user("b"), user("c")], start);
    tokio::time::advance(QUIET).await;
    for id in ["a", "b", "c"] {
        claim.add(&user(id));
        claim.begin(&user(id));
    }

    assert!(
        dirty.take(Instant::now(), 20, &claims).is_empty(),
        "they are being read"
    );
    assert_eq!(dirty.due(&claims), None);

    tokio::time::advance(QUIET).await;
    dirty.add(2, "e2".into(), vec![user("b")], Instant::now());
    let along = dirty.take_along(claims.release(1), &[(user("c"), error(ErrorKind::Unavailable))]);
    assert_eq!(along.len(), 1);
    assert!(dirty.settle(along, &[], Instant::now()).is_empty());
    let batch = dirty.take(Instant::now() + PATIENCE, 20, &claims);
    assert_eq!((batch.len(), dirty.settle(batch, &[], Instant::now())), (2, vec![1, 2]));
}
