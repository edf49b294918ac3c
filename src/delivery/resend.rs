//! Sending a message again to some of its recipients, as a new one.
//!
//! It is taken in as any other: once for each idempotency key, by the mode that is in force, with what DingTalk would
//! drop foretold under the ledger's lock. What is its own stands here: whom it may go to again.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    time::Duration,
};

use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::{
    again::Holders,
    error::SubmitError,
    former_message::Former,
    options::{check_options, told_worth},
    recipients::{Book, Disclosure},
    request::{MAX_RECIPIENTS, SendRequest, Submitted},
    service::Delivery,
    submit::{Plan, PlannedRequest, Preview, replay, waits},
};
use crate::{
    audit::Author,
    catalogue::{Statement, request::NOBODY_IS_LEFT, resends as said},
    message::{
        Content, Message, MessageState, NewRecipient, OnDuplicate, OnUnknown, Origin, Recipient, RecipientState,
        request_digest,
    },
    page::PageRequest,
    problem::{Problem, ProblemCode},
    settings::{DeliveryMode, Settings},
    store::{FAMILY_AT_MOST, MessageQuery, StoreError},
    word::word,
};

/// So often a resend is planned anew because others came in between.
const MOST_PLANS: u32 = 8;

/// Which recipients of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Chosen {
    /// Everybody who is in one of these states.
    States(Vec<RecipientState>),
    /// Those whose rows have these keys.
    Recipients(Vec<i64>),
}

/// A message to be sent again.
#[derive(Debug, Clone)]
pub struct ResendRequest {
    /// Who asks.
    pub by: Author,
    /// The message.
    pub message: Message,
    /// To whom of its recipients.
    pub chosen: Chosen,
    /// As of any message.
    pub idempotency_key: Option<String>,
    /// As of any message.
    pub on_unknown: OnUnknown,
    /// As of any message.
    pub on_duplicate: OnDuplicate,
    /// As of any message.
    pub worth_sending_for: Option<Duration>,
    /// Whether what comes of it may tell who is in a department.
    pub disclosure: Disclosure,
    /// Whether it may tell who sent the message again before.
    pub reads_messages: bool,
}

impl ResendRequest {
    fn digest(&self) -> String {
        request_digest(&(
            ("resend", self.message.id.to_string(), &self.chosen),
            (self.on_unknown, self.on_duplicate),
            told_worth(self.worth_sending_for),
        ))
    }

    /// Everything that is wrong with the request itself.
    fn check(&self) -> Vec<Problem> {
        let mut errors = match &self.chosen {
            Chosen::States(states) => check_states(states),
            Chosen::Recipients(ids) => check_count(ids.len()),
        };
        errors.extend(check_options(self.idempotency_key.as_deref(), self.worth_sending_for));
        errors
    }
}

impl Delivery {
    /// Records the message once more, for these recipients, who are found anew.
    ///
    /// # Errors
    /// As [`Self::submit`].
    pub async fn resend(&self, mut request: ResendRequest) -> Result<Submitted, SubmitError> {
        // As with any message: who is in a department decides who gets it, whoever may be told.
        request.disclosure = Disclosure::Shown;

        // What was found out before the ledger is held may not be true any more then: it is found out anew.
        for _ in 0..MOST_PLANS {
            if let Some(replay) = self.resend_replay(&request).await? {
                return Ok(replay);
            }
            let plan = self.plan_resend(request.clone()).await?;
            match self.enter(plan).await {
                Err(SubmitError::Overtaken) => request.message = self.as_it_is(&request.message).await?,
                ended => return ended.map_err(of_former),
            }
        }
        Err(StoreError::Unavailable.into())
    }

    /// The message by now.
    async fn as_it_is(&self, message: &Message) -> Result<Message, SubmitError> {
        let found = self.context().store.message(message.id).await?;
        found.ok_or_else(|| erased(None))
    }

    /// What [`Self::resend`] would do now, without doing it.
    ///
    /// # Errors
    /// As [`Self::submit`].
    pub async fn preview_resend(&self, request: ResendRequest) -> Result<Preview, SubmitError> {
        let (replay, disclosure) = (self.resend_replay(&request).await?, request.disclosure);
        let plan = self.plan_resend(request).await?;
        self.look(plan, replay, disclosure).await.map_err(of_former)
    }

    /// The message that this very request made before. An error where the request is wrong.
    async fn resend_replay(&self, request: &ResendRequest) -> Result<Option<Submitted>, SubmitError> {
        let errors = request.check();
        if !errors.is_empty() {
            return Err(SubmitError::Invalid(errors));
        }
        let key = request.idempotency_key.as_deref();
        let first = self.first_of_key(&request.by.subject, key).await?;
        first.map(|first| replay(first, &request.digest())).transpose()
    }

    async fn plan_resend(&self, request: ResendRequest) -> Result<Plan, SubmitError> {
        let settings = self.ready_settings()?;
        let content = sendable_content(&request.message, &settings)?;
        let family = self.context().store.message_family(request.message.id).await?;
        if family.len() > FAMILY_AT_MOST {
            let most = FAMILY_AT_MOST;
            return Err(refused(ProblemCode::Conflict, said::RESENT_TOO_OFTEN { most }.into()));
        }
        let (rows, mut notices) = self.chosen(&request).await?;
        notices.extend(self.sent_before(&request).await?);

        let (having, doubtful) = self.having(&request, &family).await?;
        let context = self.context();
        let (snapshot, links) = (context.snapshots.current(), context.identities.links.current());
        let book = Book {
            snapshot: &snapshot,
            links: &links,
            method: settings.matching_method,
            disclosure: request.disclosure,
        };
        let recipients = book.again(&rows, &having);
        notices.extend(may_have_it(&rows, &recipients, &doubtful));
        if !recipients.iter().any(waits) {
            notices.push(NOBODY_IS_LEFT {}.into());
        }

        let origin = Origin {
            message: request.message.id,
            named_by: request.message.named_by().to_owned(),
        };
        let asked = PlannedRequest {
            digest: request.digest(),
            former: Some(Former {
                origin,
                family,
                by: request.by.clone(),
            }),
            recipients,
            notices,
            request: SendRequest {
                idempotency_key: request.idempotency_key,
                on_unknown: request.on_unknown,
                on_duplicate: request.on_duplicate,
                worth_sending_for: request.worth_sending_for,
                ..SendRequest::new(request.by.subject, content.clone())
            },
        };
        self.planned(asked, content, settings).await
    }

    /// The recipients that are chosen, and what to say of them.
    async fn chosen(&self, request: &ResendRequest) -> Result<(Vec<Recipient>, Vec<Statement>), SubmitError> {
        let (store, now) = (&self.context().store, self.context().clock.now());
        let id = request.message.id;
        Ok(match &request.chosen {
            Chosen::States(states) => {
                let mut found = store.recipients_in(id, states).await?;
                found.retain(|row| !is_tester(&request.message, row));
                let (waiting, rows): (Vec<_>, Vec<_>) = found.into_iter().partition(|row| is_repeated(row, now));
                if rows.is_empty() {
                    return Err(SubmitError::Invalid(vec![nobody_in_them(waiting.len())]));
                }
                (rows, repeated_by_itself(waiting.len()).into_iter().collect())
            }
            Chosen::Recipients(ids) => {
                let mut rows = store.recipients_among(id, ids).await?;
                rows.retain(|row| !is_tester(&request.message, row));
                let errors = unfit(ids, &rows, now);
                if !errors.is_empty() {
                    return Err(SubmitError::Invalid(errors));
                }
                (rows, Vec::new())
            }
        })
    }

    /// Who has the message or waits for it by any of its family, and of whom nobody knows whether they have it by
    /// another one of these.
    async fn having(&self, request: &ResendRequest, family: &BTreeSet<Uuid>) -> Result<(Holders, Holders), StoreError> {
        let states = RecipientState::ALL.into_iter();
        let states: Vec<_> = states
            .filter(|it| it.has_or_waits() || *it == RecipientState::Unknown)
            .collect();
        let now = self.context().clock.now();

        let (mut having, mut doubtful) = (Vec::new(), Vec::new());
        for id in family {
            for row in self.context().store.recipients_in(*id, &states).await? {
                if row.state != RecipientState::Unknown || is_repeated(&row, now) {
                    having.push(row);
                } else if *id != request.message.id {
                    doubtful.push(row);
                }
            }
        }
        let holders = |rows| Holders::of(rows, request.disclosure);
        Ok((holders(having), holders(doubtful)))
    }

    /// That somebody sent it again before.
    async fn sent_before(&self, request: &ResendRequest) -> Result<Option<Statement>, StoreError> {
        let query = MessageQuery {
            resend_of: Some(request.message.id),
            ..MessageQuery::default()
        };
        let newest = self.context().store.messages(&query, PageRequest::new(1, None)).await?;
        let before = newest.items.first().map(|last| {
            let is_told = request.reads_messages || last.caller == request.by.subject;
            let before = said::RESENT_BEFORE {
                at: last.created_at,
                by: is_told.then_some(&last.caller),
            };
            before.into()
        });
        Ok(before)
    }
}

/// The tester's own row of a message that was redirected to them: they stood in for the others.
fn is_tester(message: &Message, row: &Recipient) -> bool {
    use RecipientState::{DroppedDuplicate, DroppedQuota, Expired, Failed, Skipped, Unknown};
    // Nobody else was sent to.
    message.mode == DeliveryMode::Redirect
        && row.dept_id.is_none()
        && matches!(
            row.state,
            Unknown | Failed | Expired | DroppedDuplicate | DroppedQuota | Skipped
        )
}

/// How many of those who would be sent to may have it already.
fn may_have_it(rows: &[Recipient], recipients: &[NewRecipient], doubtful: &Holders) -> Option<Statement> {
    let unknown = rows.iter().filter(|row| row.state == RecipientState::Unknown);
    let chosen: HashSet<_> = unknown.clone().filter_map(|row| row.userid.as_ref()).collect();
    let others = recipients.iter().filter(|it| waits(it) && doubtful.have(it));
    let others = others.filter(|it| it.userid.as_ref().is_some_and(|userid| !chosen.contains(userid)));

    let count = unknown.count() + others.count();
    (count > 0).then(|| said::RESEND_UNKNOWN_MAY_HAVE_IT { count }.into())
}

fn refused(code: ProblemCode, why: Statement) -> SubmitError {
    SubmitError::Invalid(vec![Problem::new(code, &["messageId"], why)])
}

fn erased(at: Option<DateTime<Utc>>) -> SubmitError {
    refused(ProblemCode::NotFound, said::RESEND_OF_ERASED { at }.into())
}

/// The content, where the message may be sent again at all.
fn sendable_content(message: &Message, settings: &Settings) -> Result<Content, SubmitError> {
    if message.state == MessageState::Recalled {
        return Err(refused(ProblemCode::Conflict, said::RESEND_OF_RECALLED {}.into()));
    }
    if let (Some(then), Some(now)) = (&message.app, &settings.app_key)
        && then != now
    {
        let why = said::RESEND_FOR_ANOTHER_APP {
            app: then,
            current: now,
        };
        return Err(refused(ProblemCode::Conflict, why.into()));
    }

    message.content.clone().ok_or_else(|| erased(message.erased_at))
}

/// What is wrong with the content is told of the message that has it: the request has no other.
fn of_former(error: SubmitError) -> SubmitError {
    let SubmitError::Invalid(problems) = error else {
        return error;
    };
    let told = problems.into_iter().map(|mut problem| {
        if problem.path.first().is_some_and(|part| part == "content") {
            problem.path = vec!["messageId".to_owned()];
        }
        problem
    });
    SubmitError::Invalid(told.collect())
}

/// Whether the message itself is about to repeat it (`onUnknown`).
fn is_repeated(row: &Recipient, now: DateTime<Utc>) -> bool {
    row.state == RecipientState::Unknown && row.repeat_until.is_some_and(|until| until > now)
}

fn repeated_by_itself(count: usize) -> Option<Statement> {
    (count > 0).then(|| said::RESEND_LEAVES_REPEATED_OUT { count }.into())
}

fn nobody_in_them(waiting: usize) -> Problem {
    let message = said::RESEND_NOBODY_IN_STATES { count: waiting };
    Problem::new(ProblemCode::NotFound, &["states"], message)
}

fn check_states(states: &[RecipientState]) -> Vec<Problem> {
    if states.is_empty() {
        let message = said::RESEND_STATES_MISSING {};
        return vec![Problem::new(ProblemCode::Required, &["states"], message)];
    }

    // Each is told once, however often it was written.
    let mut seen = BTreeSet::new();
    let wrong = states
        .iter()
        .enumerate()
        .filter(|(_, state)| !state.may_be_sent_again() && seen.insert(**state));
    let told = wrong.map(|(index, state)| {
        let index = index.to_string();
        let path = ["states", &index];
        Problem::new(ProblemCode::Invalid, &path, not_again(&path, *state))
    });
    told.collect()
}

fn check_count(ids: usize) -> Vec<Problem> {
    let problem = if ids == 0 {
        let message = said::RESEND_RECIPIENTS_MISSING {};
        Problem::new(ProblemCode::Required, &["recipientIds"], message)
    } else if ids > MAX_RECIPIENTS {
        let message = said::RESEND_RECIPIENTS_TOO_MANY {
            count: ids,
            most: MAX_RECIPIENTS,
        };
        Problem::new(ProblemCode::TooLong, &["recipientIds"], message)
    } else {
        return Vec::new();
    };
    vec![problem]
}

/// Which of the recipients that are asked for are none of the message's, or may not be sent to again.
fn unfit(ids: &[i64], rows: &[Recipient], now: DateTime<Utc>) -> Vec<Problem> {
    let rows: HashMap<i64, &Recipient> = rows.iter().map(|row| (row.id, row)).collect();
    let mut errors = Vec::new();
    for (index, id) in ids.iter().enumerate() {
        let index = index.to_string();
        let path = ["recipientIds", &index];
        let field = path.join(".");
        match rows.get(id) {
            None => {
                let message = said::RESEND_RECIPIENT_UNKNOWN { field };
                errors.push(Problem::new(ProblemCode::NotFound, &path, message));
            }
            Some(row) if !row.state.may_be_sent_again() => {
                errors.push(Problem::new(ProblemCode::Conflict, &path, not_again(&path, row.state)));
            }
            Some(row) if is_repeated(row, now) => {
                let message = said::RESEND_RECIPIENT_REPEATED { field };
                errors.push(Problem::new(ProblemCode::Conflict, &path, message));
            }
            Some(_) => {}
        }
    }
    errors
}

fn not_again(path: &[&str], state: RecipientState) -> Statement {
    let field = path.join(".");
    let state = word(&state);
    said::RESEND_STATE_IMPOSSIBLE { field, state }.into()
}
