//! Taking a message in: everything is decided and written before the caller is answered.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    coalesce::wait_for_others,
    connection::{connection, remedy},
    content::{AskedContent, in_content, in_template},
    error::SubmitError,
    former_message::Former,
    mode::settle,
    options::USUAL_WORTH,
    preflight::{Preflight, Today, preflight},
    recipients::{Book, Disclosure, unmatched},
    request::{MAX_EXPANDED, SendRequest, Submitted},
    service::Delivery,
};
use crate::{
    catalogue::{Statement, content::MARK_COUNTS, request as said},
    id::id_at,
    message::{Content, Message, MessageState, NewMessage, NewRecipient, Priority, RecipientState},
    problem::{Problem, ProblemCode},
    settings::{Api, DeliveryMode, Settings},
    store::{InsertOutcome, InsertedMessage, Repetitions, StoreError},
};

/// What `sendMessage` would do.
#[derive(Debug, Clone)]
pub struct Preview {
    /// The message as it would be recorded, recipients included.
    pub message: NewMessage,
    /// What the caller should know.
    pub notices: Vec<Statement>,
}

/// Notices about departments and exceptions that nobody was found for.
const TOLD_NOBODIES: usize = 20;

impl Delivery {
    /// Checks, resolves, deduplicates, renders and records a message; answers at once, and the engine does the rest.
    ///
    /// # Errors
    /// [`SubmitError::Invalid`] with everything that is wrong, and nothing recorded; [`SubmitError::Store`].
    pub async fn submit(&self, request: SendRequest) -> Result<Submitted, SubmitError> {
        let errors = request.check();
        if !errors.is_empty() {
            return Err(SubmitError::Invalid(errors));
        }
        // A retried job gets its first answer even if people or settings have changed since.
        let key = request.idempotency_key.as_deref();
        if let Some(first) = self.first_of_key(&request.caller, key).await? {
            return replay(first, &request.digest());
        }

        let context = self.context();
        context.identities.memory.note(&request.identities, context.clock.now());
        let content = self.content(request.content.clone(), &request.steps).await?;
        let plan = self.plan(request, content, Disclosure::Shown).await?;
        self.enter(plan).await
    }

    /// Records what is planned; the engine does the rest.
    pub(super) async fn enter(&self, plan: Plan) -> Result<Submitted, SubmitError> {
        // All of it again where another transaction was in the way: what was decided then may not be true any more.
        let mut repetitions = Repetitions::default();
        let (inserted, notices) = loop {
            match self.take_in(plan.clone()).await {
                Err(SubmitError::Store(error)) if error.is_conflict() && repetitions.next().await => {}
                ended => break ended?,
            }
        };

        let submitted = |replayed| Submitted {
            message: inserted.message,
            replayed,
            notices: if replayed { Vec::new() } else { notices },
        };
        match inserted.outcome {
            InsertOutcome::KeyReused => Err(SubmitError::Invalid(vec![key_reused()])),
            InsertOutcome::Replayed => Ok(submitted(true)),
            InsertOutcome::Inserted => {
                self.context().taken_in.notify_one();
                Ok(submitted(false))
            }
        }
    }

    async fn take_in(&self, plan: Plan) -> Result<(InsertedMessage, Vec<Statement>), SubmitError> {
        let context = self.context();
        // From here on nobody else takes a message in: what is decided about duplicates is still true when it is
        // recorded.
        let ledger = context.store.hold_ledger().await?;
        let former = plan.asked.former.clone();
        if let Some(former) = &former {
            former.check(&ledger).await?;
        }
        let window = context.config.coalesce_window;
        let Preview { message: new, notices } = plan.fly(Today::Held(&ledger), window, context.clock.now()).await?;
        let deed = former.map(|former| former.deed(new.id));
        Ok((ledger.insert(new, deed.as_ref()).await?, notices))
    }

    /// What [`Self::submit`] would do now, without doing it; with [`Disclosure::Hidden`] beside what it would do.
    /// Nothing of that depends on whether somebody whom the request names, or the caller has sent something to, is in
    /// one of its departments.
    ///
    /// # Errors
    /// As [`Self::submit`].
    pub async fn preview(&self, request: SendRequest, disclosure: Disclosure) -> Result<Preview, SubmitError> {
        let errors = request.check();
        if !errors.is_empty() {
            return Err(SubmitError::Invalid(errors));
        }
        let key = request.idempotency_key.as_deref();
        let replay = match self.first_of_key(&request.caller, key).await? {
            Some(first) => Some(replay(first, &request.digest())?),
            None => None,
        };

        let content = self.content(request.content.clone(), &request.steps).await?;
        let plan = self.plan(request, content, disclosure).await?;
        self.look(plan, replay, disclosure).await
    }

    /// What [`Self::enter`] would record; `replay`: the message that it would answer with instead.
    pub(super) async fn look(
        &self,
        plan: Plan,
        replay: Option<Submitted>,
        disclosure: Disclosure,
    ) -> Result<Preview, SubmitError> {
        let context = self.context();
        let today = Today::Seen(&context.store, disclosure);
        let window = context.config.coalesce_window;
        let mut preview = plan.fly(today, window, context.clock.now()).await?;

        if let Some(first) = replay {
            let at = first.message.created_at;
            preview.notices.insert(0, said::KEY_REPEATED { at }.into());
        }
        Ok(preview)
    }

    /// The message that this caller sent with this key.
    pub(super) async fn first_of_key(&self, caller: &str, key: Option<&str>) -> Result<Option<Message>, StoreError> {
        match key {
            Some(key) => self.context().store.message_of_key(caller, key).await,
            None => Ok(None),
        }
    }

    /// Everything that can be decided without the ledger.
    async fn plan(&self, request: SendRequest, content: Content, disclosure: Disclosure) -> Result<Plan, SubmitError> {
        let settings = self.ready_settings()?;
        let (recipients, notices) = self.freeze(&request, &settings, disclosure)?;
        let asked = PlannedRequest {
            digest: request.digest(),
            request,
            former: None,
            recipients,
            notices,
        };
        self.planned(asked, content, settings).await
    }

    /// The settings, where they have what sending needs.
    pub(super) fn ready_settings(&self) -> Result<Arc<Settings>, SubmitError> {
        let settings = self.context().settings.current();
        // Where nothing is sent, no connection has to be described.
        if matches!(settings.delivery_mode, DeliveryMode::On | DeliveryMode::Redirect) {
            connection(&settings).map_err(|missing| SubmitError::Invalid(not_configured(&settings, &missing)))?;
        }
        Ok(settings)
    }

    /// What is asked, with what stands in its way.
    pub(super) async fn planned(
        &self,
        mut asked: PlannedRequest,
        content: Content,
        settings: Arc<Settings>,
    ) -> Result<Plan, SubmitError> {
        let now = self.context().clock.now();
        asked.notices.extend(content.lost_line_breaks());
        asked.request.follow_up.get_or_insert(self.context().config.follow_up);
        let hindrances = self.notices(&settings, &asked.request, now);
        asked.notices.extend(hindrances.await?);
        Ok(Plan {
            asked,
            content,
            settings,
        })
    }

    /// The recipients, and what to say of departments and exceptions that nobody was found for.
    fn freeze(
        &self,
        request: &SendRequest,
        settings: &Settings,
        disclosure: Disclosure,
    ) -> Result<(Vec<NewRecipient>, Vec<Statement>), SubmitError> {
        let context = self.context();
        let (snapshot, links) = (context.snapshots.current(), context.identities.links.current());
        let book = Book {
            snapshot: &snapshot,
            links: &links,
            method: settings.matching_method,
            disclosure,
        };

        let mut errors = book.unknown_departments(request);
        let recipients = book.freeze(request);
        if recipients.len() > MAX_EXPANDED {
            errors.push(Problem::new(
                ProblemCode::TooLong,
                &["recipients", "departments"],
                said::RECIPIENTS_TOO_MANY_PEOPLE {
                    count: recipients.len(),
                    most: MAX_EXPANDED,
                },
            ));
        }

        let mut nobody = book.empty_departments(request);
        nobody.extend(book.unmatched_exceptions(request));
        if request.require_all_matched {
            errors.extend(unmatched(&recipients, request.identities.len()));
            errors.append(&mut nobody);
            if errors.is_empty() && recipients.is_empty() {
                errors.push(Problem::new(
                    ProblemCode::NotFound,
                    &["recipients"],
                    said::NOBODY_IS_LEFT {},
                ));
            }
        }
        if !errors.is_empty() {
            return Err(SubmitError::Invalid(errors));
        }

        let told = found_nobody(nobody, &recipients);
        Ok((recipients, told))
    }

    /// What stands in the way of sending, or of knowing what became of it.
    async fn notices(
        &self,
        settings: &Settings,
        request: &SendRequest,
        now: DateTime<Utc>,
    ) -> Result<Vec<Statement>, StoreError> {
        let expires_at = expires_at(request, now);
        let mut notices: Vec<_> = self.mode_notice(settings).into_iter().collect();
        if settings.enabled() && !settings.urls.contains_key(&Api::GetSendResult) {
            let why = settings.why_off(Api::GetSendResult);
            notices.push(said::FOLLOW_UP_IS_OFF { why }.into());
        }

        if let Some(stop) = self.context().store.sending_stopped(now).await? {
            notices.push(stop.reason);
            if stop.until > expires_at {
                let until = expires_at;
                notices.push(said::NOT_SENT_AFTER { until }.into());
            }
        }

        // Where there is a reserve, which is looked up for nothing otherwise.
        if request.priority == Priority::Normal && self.context().config.quota.normal_calls().is_some() {
            let quota = self.quota().await?;
            if quota.is_for_high_priority() && !quota.is_exhausted {
                let (count, until) = (quota.reserved, quota.month_ends_at);
                notices.push(said::KEPT_FOR_HIGH_PRIORITY { count, until }.into());
            }
        }

        if let Some(why) = self.context().fault() {
            notices.push(said::PROCESS_SENDS_NOTHING { why }.into());
        }

        let banned = settings
            .urls
            .get(&Api::AsyncSend)
            .and_then(|url| self.context().client.banned(url));
        if let Some(left) = banned.filter(|_| settings.enabled()) {
            let seconds = left.as_secs() + 1;
            notices.push(said::BANNED_FOR_NOW { seconds }.into());
        }
        Ok(notices)
    }

    /// What it means for this message where not everybody is sent to.
    fn mode_notice(&self, settings: &Settings) -> Option<Statement> {
        match settings.delivery_mode {
            DeliveryMode::Off => Some(said::SENDING_IS_OFF {}.into()),
            DeliveryMode::Shadow => Some(said::SENDING_IS_SHADOW {}.into()),
            DeliveryMode::Redirect => {
                let tester = settings.redirect_to.as_deref().unwrap_or_default();
                let snapshot = self.context().snapshots.current();
                let is_known = snapshot.user(tester).is_some_and(|user| user.standing.is_present());
                Some(if is_known {
                    said::SENDING_IS_REDIRECTED { tester }.into()
                } else {
                    said::SENDING_IS_REDIRECTED_TO_NOBODY { tester }.into()
                })
            }
            DeliveryMode::On => None,
        }
    }
}

/// What is asked, and to whom that leads.
#[derive(Clone)]
pub(super) struct PlannedRequest {
    pub(super) request: SendRequest,
    /// What makes it the same request when it is repeated.
    pub(super) digest: String,
    /// The message that is sent again.
    pub(super) former: Option<Former>,
    pub(super) recipients: Vec<NewRecipient>,
    pub(super) notices: Vec<Statement>,
}

/// A message before the ledger was looked at.
#[derive(Clone)]
pub(super) struct Plan {
    asked: PlannedRequest,
    content: Content,
    settings: Arc<Settings>,
}

impl Plan {
    /// What is recorded, by what people had `today`.
    async fn fly(self, today: Today<'_>, window: Duration, now: DateTime<Utc>) -> Result<Preview, SubmitError> {
        let Self {
            asked,
            content,
            settings,
        } = self;
        let PlannedRequest {
            request,
            digest,
            former,
            mut recipients,
            notices,
        } = asked;

        // Without the tester: they stand in for the others.
        let asked = recipients.iter().filter(|it| waits(it)).count();
        // Whom DingTalk would drop is told of those who would be sent to: where it is redirected, of the tester.
        let redirected = settings.delivery_mode == DeliveryMode::Redirect;
        let settled = redirected.then(|| settle(&mut recipients, &settings));
        let mut flown = preflight(today, content.clone(), &mut recipients, request.on_duplicate, now).await?;
        let state = settled.unwrap_or_else(|| settle(&mut recipients, &settings));
        still_fits(&flown, &content, &request.content, asked)?;
        flown.notices.extend(notices);

        // Those who waited may all be skipped by now.
        let state = if state == MessageState::Queued && !recipients.iter().any(waits) {
            MessageState::Done
        } else {
            state
        };

        let (ends, size) = (expires_at(&request, now), (request.priority, recipients.len()));
        let waits_for_others = wait_for_others(window, size, worth(&request));
        let message = NewMessage {
            id: id_at(now),
            request_digest: digest,
            caller: request.caller,
            idempotency_key: request.idempotency_key,
            content: flown.content,
            rendered: flown.rendered,
            state,
            mode: settings.delivery_mode,
            on_unknown: request.on_unknown,
            on_duplicate: request.on_duplicate,
            follow_up: request.follow_up.unwrap_or_default(),
            priority: request.priority,
            created_at: now,
            waits_for_others,
            expires_at: ends,
            recipients,
            app: settings.app_key.clone(),
            origin: former.map(|former| former.origin),
        };

        Ok(Preview {
            message,
            notices: flown.notices,
        })
    }
}

/// Until when it is worth sending.
fn expires_at(request: &SendRequest, now: DateTime<Utc>) -> DateTime<Utc> {
    now + TimeDelta::from_std(worth(request)).unwrap_or(TimeDelta::days(7))
}

fn worth(request: &SendRequest) -> Duration {
    request.worth_sending_for.unwrap_or(USUAL_WORTH)
}

pub(super) fn waits(recipient: &NewRecipient) -> bool {
    recipient.state == RecipientState::Queued
}

/// What to say of departments and exceptions that nobody was found for, and where nobody is left at all.
fn found_nobody(problems: Vec<Problem>, recipients: &[NewRecipient]) -> Vec<Statement> {
    let more = problems.len().saturating_sub(TOLD_NOBODIES);
    let mut told: Vec<Statement> = problems
        .into_iter()
        .take(TOLD_NOBODIES)
        .map(|problem| problem.message)
        .collect();

    if more > 0 {
        told.push(said::NOBODY_FOUND_FOR_MORE { count: more }.into());
    }
    if !recipients.iter().any(waits) {
        told.push(said::NOBODY_IS_LEFT {}.into());
    }
    told
}

/// A mark makes the content longer, and how many people are sent to is known only now.
fn still_fits(
    flown: &Preflight,
    content: &Content,
    asked: &AskedContent,
    recipients: usize,
) -> Result<(), SubmitError> {
    let problems = flown.content.validate(recipients.max(1));
    if problems.is_empty() {
        return Ok(());
    }

    let marked = flown.content != *content;
    let told = problems.into_iter().map(|problem| {
        let mut problem = match asked {
            AskedContent::Given(_) => in_content(problem),
            AskedContent::Template { .. } => in_template(problem, &[]),
        };
        if marked {
            problem.message = MARK_COUNTS { why: problem.message }.into();
        }
        problem
    });
    Err(SubmitError::Invalid(told.collect()))
}

/// The answer with the message that was there before; an error where that was asked for otherwise.
pub(super) fn replay(first: Message, digest: &str) -> Result<Submitted, SubmitError> {
    if first.request_digest == digest {
        Ok(Submitted {
            message: first,
            replayed: true,
            notices: Vec::new(),
        })
    } else {
        Err(SubmitError::Invalid(vec![key_reused()]))
    }
}

fn key_reused() -> Problem {
    Problem::new(ProblemCode::Conflict, &["idempotencyKey"], said::KEY_REUSED {})
}

fn not_configured(settings: &Settings, missing: &[&str]) -> Vec<Problem> {
    missing
        .iter()
        .map(|field| Problem::new(ProblemCode::NotConfigured, &[], remedy(settings, field)))
        .collect()
}
