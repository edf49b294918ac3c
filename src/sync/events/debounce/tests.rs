//! What waits, and for how long.

use super::*;
use crate::{catalogue::Statement, dingtalk::ErrorKind, settings::Api};

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
        message: Statement::other(""),
        retry_after: None,
    }
}

#[tokio::test(start_paused = true)]
async fn a_crowd_keeps_nobody_waiting_who_was_named_alone() {
    let mut debouncer = Debouncer::new(20, BETWEEN_TRIES);
    let start = Instant::now();
    let crowd: Vec<RecordId> = (0..12_001).map(|n| user(&format!("u{n:05}"))).collect();
    debouncer.add(1, "e1".into(), crowd.clone(), start);
    debouncer.hasten(&crowd);
    let later = start + Duration::from_secs(1);
    debouncer.add(2, "e2".into(), vec![user("zoe")], later);
    debouncer.add(3, "e3".into(), vec![user("u00007")], later);

    let batch = debouncer.take(later + DEBOUNCE, 20, &ReadClaims::default());
    let first: Vec<&RecordId> = batch.iter().take(2).map(|taken| &taken.record).collect();
    assert_eq!(first, [&user("u00007"), &user("zoe")]);
}

#[tokio::test(start_paused = true)]
async fn a_crowd_that_was_not_answered_about_stays_one() {
    let mut debouncer = Debouncer::new(20, BETWEEN_TRIES);
    let mut now = Instant::now();
    let crowd: Vec<RecordId> = (0..300).map(|n| user(&format!("of the crowd {n}"))).collect();
    debouncer.add(1, "crowd".into(), crowd.clone(), now);
    now += LONGEST;
    let batch = debouncer.take(now, 400, &ReadClaims::default());
    assert_eq!(batch.len(), 300);
    let untold: Vec<_> = crowd
        .into_iter()
        .map(|it| (it, error(ErrorKind::Unavailable)))
        .collect();
    debouncer.settle(batch, &untold, now);

    debouncer.add(2, "alone".into(), vec![user("alone")], now);
    now += LONGEST;
    let next = debouncer.take(now, 1, &ReadClaims::default());
    assert_eq!(next[0].record, user("alone"), "they pass the crowd");
}

#[tokio::test(start_paused = true)]
async fn ten_events_for_one_person_are_one_reading_and_are_over_together() {
    let mut debouncer = Debouncer::new(20, BETWEEN_TRIES);
    let start = Instant::now();
    for seq in 1..=10 {
        assert_eq!(debouncer.add(seq, format!("e{seq}"), vec![user("a")], start), None);
    }

    assert_eq!(
        debouncer.add(11, "e11".into(), Vec::new(), start),
        Some(11),
        "nothing to do for it"
    );
    assert!(
        debouncer.take(start, 20, &ReadClaims::default()).is_empty(),
        "more may follow at once"
    );

    let batch = debouncer.take(start + DEBOUNCE, 20, &ReadClaims::default());
    assert_eq!((batch.len(), debouncer.newest()), (1, 11));
    assert!(debouncer.keys_of(&batch).starts_with("e1,e2,"));
    assert_eq!(debouncer.settle(batch, &[], start), (1..=10).collect::<Vec<_>>());
    assert!(debouncer.open.is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_event_during_the_reading_leads_to_another_reading() {
    let mut debouncer = Debouncer::new(20, BETWEEN_TRIES);
    let start = Instant::now();
    debouncer.add(1, "e1".into(), vec![user("a"), user("b")], start);
    let batch = debouncer.take(start + DEBOUNCE, 20, &ReadClaims::default());
    debouncer.add(2, "e2".into(), vec![user("a")], start + DEBOUNCE);
    assert_eq!(debouncer.settle(batch, &[], start + DEBOUNCE), [1]);
    let again = debouncer.take(start + DEBOUNCE * 2, 20, &ReadClaims::default());
    assert_eq!(again.iter().map(|it| &it.record).collect::<Vec<_>>(), [&user("a")]);
    assert_eq!(debouncer.settle(again, &[], start), [2]);
}

#[tokio::test(start_paused = true)]
async fn a_person_who_is_named_on_and_on_is_read_all_the_same() {
    let mut debouncer = Debouncer::new(20, BETWEEN_TRIES);
    let start = Instant::now();
    let mut seq = 0;

    let read = loop {
        seq += 1;
        let now = start + Duration::from_millis(100) * seq;
        debouncer.add(i64::from(seq), "e".into(), vec![user("a")], now);
        if !debouncer.take(now, 20, &ReadClaims::default()).is_empty() {
            break now - start;
        }
    };

    assert!(read <= MAX_WAIT + Duration::from_millis(200), "{read:?}");
}

#[tokio::test(start_paused = true)]
async fn a_storm_of_ten_thousand_events_for_a_thousand_people_is_about_a_thousand_readings() {
    let mut debouncer = Debouncer::new(20, BETWEEN_TRIES);
    let start = Instant::now();
    let (mut readings, mut seq, mut now) = (0, 0, start);

    // 200 events a second for fifty seconds, everybody in turn; twenty records are read a second.
    for tick in 0.. {
        now = start + Duration::from_millis(50) * tick;
        for _ in 0..10 {
            if seq < 10_000 {
                seq += 1;
                debouncer.add(seq, "e".into(), vec![user(&format!("u{}", seq % 1_000))], now);
            }
        }
        readings += debouncer.take(now, 1, &ReadClaims::default()).len();
        if seq == 10_000 && debouncer.len() == 0 {
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
    let mut debouncer = Debouncer::new(20, BETWEEN_TRIES);
    let mut now = Instant::now();
    debouncer.add(1, "e1".into(), vec![user("a")], now);
    debouncer.add(2, "e2".into(), vec![user("b")], now);
    now += DEBOUNCE;
    let untold = [(user("a"), error(odd)), (user("b"), error(ErrorKind::OutOfScope))];
    let batch = debouncer.take(now, 20, &ReadClaims::default());
    assert_eq!(debouncer.settle(batch, &untold, now), [2]);

    let mut over = Vec::new();
    for _ in 1..TRIES {
        assert!(debouncer.take(now, 20, &ReadClaims::default()).is_empty());
        now = debouncer.due(&ReadClaims::default()).expect("it waits");
        let batch = debouncer.take(now, 20, &ReadClaims::default());
        over = debouncer.settle(batch, &untold, now);
    }

    assert_eq!(over, [1], "then it is the reconciliation's");
    assert_eq!(debouncer.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn whoever_was_not_answered_about_waits_until_somebody_answers() {
    for silent in [
        ErrorKind::Unavailable,
        ErrorKind::NotSent,
        ErrorKind::Throttled,
        ErrorKind::OutcomeUnknown,
    ] {
        let mut debouncer = Debouncer::new(20, BETWEEN_TRIES);
        let mut now = Instant::now();
        debouncer.add(1, "e1".into(), vec![user("a")], now);
        now += DEBOUNCE;
        let untold = [(user("a"), error(silent))];

        let mut waits = Vec::new();
        for _ in 0..500 {
            let batch = debouncer.take(now, 20, &ReadClaims::default());
            assert_eq!(debouncer.settle(batch, &untold, now), Vec::<i64>::new(), "{silent:?}");
            let next = debouncer.due(&ReadClaims::default()).expect("it waits");
            waits.push(next - now);
            now = next;
        }

        assert!(
            waits[0] <= BETWEEN_TRIES + DEBOUNCE && waits[499] > BETWEEN_TRIES * 5,
            "{silent:?}"
        );
        assert!(
            waits.iter().all(|wait| *wait <= Duration::from_mins(5) + DEBOUNCE),
            "{silent:?}"
        );

        let batch = debouncer.take(now, 20, &ReadClaims::default());
        assert_eq!(debouncer.settle(batch, &[], now), [1], "{silent:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_acted_upon_for_long_is_forgotten_with_its_records() {
    let (mut debouncer, nobody) = (Debouncer::new(20, BETWEEN_TRIES), ReadClaims::default());
    debouncer.add(1, "e1".into(), vec![user("a"), user("b")], Instant::now());
    let batch = debouncer.take(Instant::now() + DEBOUNCE, 1, &nobody);

    tokio::time::advance(Duration::from_secs(60)).await;
    debouncer.add(2, "e2".into(), vec![user("b")], Instant::now());
    debouncer.add(
        3,
        "e3".into(),
        vec![user("c")],
        Instant::now() - Duration::from_secs(50),
    );

    debouncer.forget(Duration::from_secs(30));
    assert_eq!(
        (debouncer.open(), debouncer.len()),
        (1, 1),
        "b is named by another, c by none"
    );

    // Whoever was being read meanwhile is put back, or settled, in peace.
    debouncer.put_all_back(batch, Instant::now());
    let batch = debouncer.take(Instant::now() + MAX_WAIT, 20, &nobody);
    assert_eq!(
        (batch.len(), debouncer.settle(batch, &[], Instant::now())),
        (2, vec![2])
    );
}

#[tokio::test(start_paused = true)]
async fn whoever_comes_or_goes_passes_a_storm() {
    let (mut debouncer, nobody) = (Debouncer::new(2, BETWEEN_TRIES), ReadClaims::default());
    let start = Instant::now();
    for n in 0..20 {
        debouncer.add(n, format!("e{n}"), vec![user(&format!("u{n}"))], start);
    }
    debouncer.add(21, "e21".into(), vec![user("hire")], start);
    debouncer.hasten(&[user("hire")]);

    let batch = debouncer.take(start + DEBOUNCE, 2, &nobody);
    assert_eq!(batch.iter().map(|it| &it.record).collect::<Vec<_>>(), [&user("hire")]);
}

#[tokio::test(start_paused = true)]
async fn who_is_read_along_is_read_once_unless_more_is_heard_of_them() {
    let (mut debouncer, claims) = (
        Debouncer::new(20, BETWEEN_TRIES),
        std::sync::Arc::new(ReadClaims::default()),
    );
    let claim = crate::sync::refresh::ReadClaim {
        claims: claims.clone(),
        turn: 1,
    };

    let start = Instant::now();
    debouncer.add(1, "e1".into(), vec![user("a"), user("b"), user("c")], start);
    tokio::time::advance(DEBOUNCE).await;
    for id in ["a", "b", "c"] {
        claim.add(&user(id));
        claim.begin(&user(id));
    }

    assert!(
        debouncer.take(Instant::now(), 20, &claims).is_empty(),
        "they are being read"
    );
    assert_eq!(debouncer.due(&claims), None);

    tokio::time::advance(DEBOUNCE).await;
    debouncer.add(2, "e2".into(), vec![user("b")], Instant::now());
    let along = debouncer.take_along(claims.release(1), &[(user("c"), error(ErrorKind::Unavailable))]);
    assert_eq!(along.len(), 1);
    assert!(debouncer.settle(along, &[], Instant::now()).is_empty());
    let batch = debouncer.take(Instant::now() + MAX_WAIT, 20, &claims);
    assert_eq!(
        (batch.len(), debouncer.settle(batch, &[], Instant::now())),
        (2, vec![1, 2])
    );
}
