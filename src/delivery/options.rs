//! What every request to send may say beside its content and its recipients.

use std::time::Duration;

use crate::{
    catalogue::request as said,
    problem::{Problem, ProblemCode},
};

/// How long a message may be worth sending, and how long it is unless it says otherwise.
pub const LONGEST_WORTH: Duration = Duration::from_hours(7 * 24);
/// See [`LONGEST_WORTH`].
pub const USUAL_WORTH: Duration = Duration::from_hours(24);
/// Characters of an idempotency key.
pub const MAX_IDEMPOTENCY_KEY: usize = 128;

/// What is wrong with a key and with the time for which a message is worth sending.
pub(super) fn check_options(key: Option<&str>, worth: Option<Duration>) -> Vec<Problem> {
    let mut errors = Vec::new();
    if let Some(key) = key {
        check_key(key, &mut errors);
    }
    if let Some(worth) = worth
        && (worth.is_zero() || worth > LONGEST_WORTH)
    {
        let most = LONGEST_WORTH.as_secs();
        let message = said::EXPIRY_OUT_OF_RANGE { most };
        errors.push(Problem::new(ProblemCode::Invalid, &["expiresInSeconds"], message));
    }
    errors
}

/// The time in seconds where it is said: saying what is usual is saying nothing.
pub(super) fn told_worth(worth: Option<Duration>) -> Option<u64> {
    worth.filter(|worth| *worth != USUAL_WORTH).map(|worth| worth.as_secs())
}

fn check_key(key: &str, errors: &mut Vec<Problem>) {
    let path = ["idempotencyKey"];
    if key.is_empty() {
        errors.push(Problem::new(ProblemCode::Required, &path, said::KEY_EMPTY {}));
    } else if key.len() > MAX_IDEMPOTENCY_KEY {
        errors.push(Problem::new(
            ProblemCode::TooLong,
            &path,
            said::KEY_TOO_LONG {
                length: key.len(),
                most: MAX_IDEMPOTENCY_KEY,
            },
        ));
    } else if !key.bytes().all(|b| b.is_ascii_graphic() || b == b' ') {
        errors.push(Problem::new(ProblemCode::Invalid, &path, said::KEY_NOT_ASCII {}));
    }
}
