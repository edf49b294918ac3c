//! What DingTalk would drop in silence is known beforehand, from what people had today.

use crate::{
    directory::UserId,
    message::{Content, Day, NewRecipient, OnDuplicate, Prediction, RecipientState, content_digest},
    store::{Store, StoreError},
};
use chrono::{DateTime, Utc};

/// Notifications of one app to one person in a day (fact sheet §4.1).
const PER_PERSON_AND_DAY: u64 = 500;

/// What is sent in the end, rendered.
pub(super) struct Preflight {
    pub(super) content: Content,
    pub(super) rendered: String,
    pub(super) notices: Vec<String>,
}

/// Predicts what DingTalk would drop for whom, and does about it what the caller wants.
pub(super) async fn preflight(
    store: &Store,
    content: Content,
    recipients: &mut [NewRecipient],
    on_duplicate: OnDuplicate,
    now: DateTime<Utc>,
) -> Result<Preflight, StoreError> {
    let rendered = content.render();
    let had = predict(store, &rendered, recipients, now).await?;
    let mut flown = Preflight {
        content,
        rendered,
        notices: Vec::new(),
    };
    if had > 0 {
        match on_duplicate {
            OnDuplicate::Send => flown.notices.push(format!(
                "{had} of the recipients had the same content today already: DingTalk answers \"ok\" and drops it for them. \
                 Change the content, or see onDuplicate."
            )),
            OnDuplicate::Skip => skip(recipients),
            OnDuplicate::Mark => match flown.content.marked(now) {
                Some(marked) => {
                    flown.rendered = marked.render();
                    flown.content = marked;
                    predict(store, &flown.rendered, recipients, now).await?;
                }
                None => flown.notices.push(format!(
                    "{had} of the recipients had the same content today already, and this type of message has no text to mark: \
                     DingTalk drops it for them."
                )),
            },
        }
    }
    let over = recipients
        .iter()
        .filter(|it| it.prediction == Some(Prediction::DailyQuota))
        .count();
    if over > 0 {
        flown.notices.push(format!(
            "{over} of the recipients had {PER_PERSON_AND_DAY} notifications of this app today: DingTalk drops any more."
        ));
    }
    Ok(flown)
}

/// Writes what is to be expected at everybody who waits; how many had the content already.
async fn predict(
    store: &Store,
    rendered: &str,
    recipients: &mut [NewRecipient],
    now: DateTime<Utc>,
) -> Result<usize, StoreError> {
    let waiting = recipients.iter().filter(|it| it.state == RecipientState::Queued);
    let users: Vec<&UserId> = waiting.filter_map(|it| it.userid.as_ref()).collect();
    if users.is_empty() {
        return Ok(0);
    }
    let today = store
        .sent_today(&users, Day::of(now), &content_digest(rendered), PER_PERSON_AND_DAY)
        .await?;
    let mut had = 0;
    for recipient in recipients.iter_mut().filter(|it| it.state == RecipientState::Queued) {
        let user = recipient.userid.as_ref().map(UserId::as_str).unwrap_or_default();
        let today = today.get(user).copied().unwrap_or_default();
        recipient.prediction = if today.same_content {
            had += 1;
            Some(Prediction::Duplicate)
        } else {
            (today.messages >= PER_PERSON_AND_DAY).then_some(Prediction::DailyQuota)
        };
    }
    Ok(had)
}

fn skip(recipients: &mut [NewRecipient]) {
    for recipient in recipients {
        if recipient.state == RecipientState::Queued && recipient.prediction == Some(Prediction::Duplicate) {
            recipient.state = RecipientState::Skipped;
            recipient.reason = Some(
                "This person had the same content today already, and onDuplicate is SKIP: DingTalk would drop it."
                    .to_owned(),
            );
        }
    }
}
