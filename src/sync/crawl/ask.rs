//! One question to DingTalk, asked until it is answered.

use std::time::Duration;

use super::{
    call::{Answers, ReadAnswer, ReadCall},
    failure::ReadFailure,
};
use crate::dingtalk::Error;

/// So often an unlucky question is asked again.
const TRIES: u32 = 3;
/// Before an API is asked again that says that it isn't there.
const AFTER_STRAY: Duration = Duration::from_secs(1);
/// So long one question waits for throttles in all.
const LONGEST_REST: Duration = Duration::from_mins(15);

/// Makes a call until it is answered, or out of luck three times; throttles are waited out, and not for ever.
pub(crate) async fn ask(dingtalk: &impl Answers, call: &ReadCall) -> Result<ReadAnswer, Error> {
    let (mut tries, mut rested) = (0, Duration::ZERO);

    loop {
        match dingtalk.answer(call).await {
            Err(error) => match ReadFailure::of(&error) {
                ReadFailure::Rest(pause) if rested < LONGEST_REST => {
                    tokio::time::sleep(pause).await;
                    rested += pause;
                }
                ReadFailure::Fatal if ReadFailure::may_pass(&error) && tries < TRIES => {
                    tries += 1;
                    tokio::time::sleep(AFTER_STRAY).await;
                }
                ReadFailure::Luck if tries < TRIES => tries += 1,
                ReadFailure::Odd if tries < 1 => tries += 1,
                _ => return Err(error),
            },
            answer => return answer,
        }
    }
}
