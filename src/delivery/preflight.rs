//! What DingTalk would drop in silence is known beforehand, from what people had today.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::recipients::Disclosure;
use crate::{
    catalogue::{Statement, delivery::HAD_IT_TODAY, request as said},
    directory::UserId,
    message::{Content, Day, NewRecipient, OnDuplicate, Prediction, RecipientState, content_digest},
    store::{Ledger, SentToday, Store, StoreError},
};

/// Notifications of one app to one person in a day (`docs/dingtalk.md#limits-of-sending`).
const PER_PERSON_AND_DAY: u64 = 500;

/// Stamps that are tried before a mark is given up: more than the messages of one moment.
const STAMPS: i64 = 10_000;

/// From what it is read what people had today.
pub(super) enum Today<'a> {
    /// As it is now; another message may change it at once. Good for a preview.
    Seen(&'a Store, Disclosure),
    /// As it is until the message is recorded.
    Held(&'a Ledger),
}

impl Today<'_> {
    /// Whether it is told what this recipient had. A department's people had what the caller knows to have sent to
    /// somebody.
    fn is_told_of(&self, recipient: &NewRecipient) -> bool {
        let hidden = matches!(self, Self::Seen(_, Disclosure::Hidden)) && recipient.dept_id.is_some();
        recipient.state == RecipientState::Queued && !hidden
    }

    async fn sent(
        &self,
        users: &[&UserId],
        day: Day,
        rendered: &str,
    ) -> Result<BTreeMap<String, SentToday>, StoreError> {
        let digest = content_digest(rendered);
        match self {
            Self::Seen(store, _) => store.sent_today(users, day, &digest, PER_PERSON_AND_DAY).await,
            Self::Held(ledger) => ledger.sent_today(users, day, &digest, PER_PERSON_AND_DAY).await,
        }
    }
}

/// What is sent in the end, rendered.
pub(super) struct Preflight {
    pub(super) content: Content,
    pub(super) rendered: String,
    pub(super) notices: Vec<Statement>,
}

/// Predicts what DingTalk would drop for whom, and does about it what the caller wants.
pub(super) async fn preflight(
    today: Today<'_>,
    content: Content,
    recipients: &mut [NewRecipient],
    on_duplicate: OnDuplicate,
    now: DateTime<Utc>,
) -> Result<Preflight, StoreError> {
    let rendered = content.render();
    let had = predict(&today, &rendered, recipients, now).await?;
    let mut flown = Preflight {
        content,
        rendered,
        notices: Vec::new(),
    };

    if had > 0 {
        match on_duplicate {
            OnDuplicate::Send => flown.notices.push(said::SAME_CONTENT_TODAY { count: had }.into()),
            OnDuplicate::Skip => skip(recipients),
            OnDuplicate::Mark => mark(&today, &mut flown, recipients, now, had).await?,
        }
    }

    let over = recipients
        .iter()
        .filter(|it| it.prediction == Some(Prediction::DailyQuota))
        .count();
    if over > 0 {
        let reached = said::DAILY_QUOTA_REACHED {
            count: over,
            most: PER_PERSON_AND_DAY,
        };
        flown.notices.push(reached.into());
    }
    Ok(flown)
}

/// Marks the content with the first stamp from `now` on with which none of the recipients has it yet: messages of one
/// moment have stamps a millisecond apart.
async fn mark(
    today: &Today<'_>,
    flown: &mut Preflight,
    recipients: &mut [NewRecipient],
    now: DateTime<Utc>,
    had: usize,
) -> Result<(), StoreError> {
    for later in 0..STAMPS {
        let Some(marked) = flown.content.marked(now + TimeDelta::milliseconds(later)) else {
            flown.notices.push(said::SAME_CONTENT_UNMARKABLE { count: had }.into());
            return Ok(());
        };
        let rendered = marked.render();
        if predict(today, &rendered, recipients, now).await? == 0 {
            flown.rendered = rendered;
            flown.content = marked;
            return Ok(());
        }
    }

    // The last mark's predictions stand there: those of the unmarked content are wanted.
    predict(today, &flown.rendered, recipients, now).await?;
    flown.notices.push(said::SAME_CONTENT_ALL_MARKS { count: had }.into());
    Ok(())
}

/// Writes what is to be expected at everybody who waits; how many had the content already.
async fn predict(
    today: &Today<'_>,
    rendered: &str,
    recipients: &mut [NewRecipient],
    now: DateTime<Utc>,
) -> Result<usize, StoreError> {
    let waiting = recipients.iter().filter(|it| today.is_told_of(it));
    let users: Vec<&UserId> = waiting.filter_map(|it| it.userid.as_ref()).collect();
    if users.is_empty() {
        return Ok(0);
    }

    let sent = today.sent(&users, Day::of(now), rendered).await?;
    let mut had = 0;
    for recipient in recipients.iter_mut().filter(|it| today.is_told_of(it)) {
        let user = recipient.userid.as_ref().map(UserId::as_str).unwrap_or_default();
        let today = sent.get(user).copied().unwrap_or_default();
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
            recipient.reason = Some(HAD_IT_TODAY {}.into());
        }
    }
}
