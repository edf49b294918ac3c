//! Taking a message in: everything is decided and written before the caller is answered.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    connection::{connection, remedy},
    content::{AskedContent, in_content, in_template},
    error::SubmitError,
    mode::settle,
    preflight::{Preflight, Today, preflight},
    recipients::{Book, Disclosure, unmatched},
    request::{MAX_EXPANDED, SendRequest, Submitted, USUAL_WORTH},
    service::Delivery,
};
use crate::{
    id::id_at,
    message::{Content, Message, MessageState, NewMessage, NewRecipient, RecipientState, in_beijing},
    problem::{Problem, ProblemCode},
    settings::{Api, DeliveryMode, Settings},
    store::{InsertOutcome, InsertedMessage, Repetitions, StoreError},
};

/// What `sendMessage` would do.
#[derive(Debug, Clone)]
pub struct Preview {
    /// The message as it would be recorded, recipients included.
    pub message: NewMessage,
    /// What the caller should know, a sentence each.
    pub notices: Vec<String>,
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
        if let Some(first) = self.first_of_key(&request).await? {
            return replay(first, &request.digest());
        }

        let context = self.context();
        context.identities.memory.note(&request.identities, context.clock.now());
        let content = self.content(request.content.clone(), &request.steps).await?;
        let plan = self.plan(request, content, Disclosure::Shown).await?;

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

    async fn take_in(&self, plan: Plan) -> Result<(InsertedMessage, Vec<String>), SubmitError> {
        let context = self.context();
        // From here on nobody else takes a message in: what is decided about duplicates is still true when it is
        // recorded.
        let ledger = context.store.hold_ledger().await?;
        let Preview { message: new, notices } = plan.fly(Today::Held(&ledger), context.clock.now()).await?;
        Ok((ledger.insert(new).await?, notices))
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
        let replay = match self.first_of_key(&request).await? {
            Some(first) => Some(replay(first, &request.digest())?),
            None => None,
        };

        let content = self.content(request.content.clone(), &request.steps).await?;
        let plan = self.plan(request, content, disclosure).await?;
        let context = self.context();
        let today = Today::Seen(&context.store, disclosure);
        let mut preview = plan.fly(today, context.clock.now()).await?;

        if let Some(first) = replay {
            let notice = format!(
                "idempotencyKey was used for this very request at {}: sendMessage would answer with that message, and send \
                 nothing.",
                in_beijing(first.message.created_at)
            );
            preview.notices.insert(0, notice);
        }
        Ok(preview)
    }

    async fn first_of_key(&self, request: &SendRequest) -> Result<Option<Message>, StoreError> {
        let Some(key) = &request.idempotency_key else {
            return Ok(None);
        };
        self.context().store.message_of_key(&request.caller, key).await
    }

    /// Everything that can be decided without the ledger.
    async fn plan(&self, request: SendRequest, content: Content, disclosure: Disclosure) -> Result<Plan, SubmitError> {
        let context = self.context();
        let settings = context.settings.current();
        // Where nothing is sent, no connection has to be described.
        if matches!(settings.delivery_mode, DeliveryMode::On | DeliveryMode::Redirect) {
            connection(&settings)
                .map_err(|missing| SubmitError::Invalid(not_configured(&settings.explained(&missing))))?;
        }

        let (recipients, mut notices) = self.freeze(&request, &settings, disclosure)?;
        notices.extend(content.lost_line_breaks());
        let now = context.clock.now();
        notices.extend(self.notices(&settings, now, expires_at(&request, now)).await?);

        Ok(Plan {
            request,
            content,
            settings,
            recipients,
            notices,
        })
    }

    /// The recipients, and what to say of departments and exceptions that nobody was found for.
    fn freeze(
        &self,
        request: &SendRequest,
        settings: &Settings,
        disclosure: Disclosure,
    ) -> Result<(Vec<NewRecipient>, Vec<String>), SubmitError> {
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
                format!(
                    "recipients has {} people with those of the departments, at most {MAX_EXPANDED} are allowed: split the \
                     message.",
                    recipients.len()
                ),
            ));
        }

        let mut nobody = book.empty_departments(request);
        nobody.extend(book.unmatched_exceptions(request));
        if request.require_all_matched {
            errors.extend(unmatched(&recipients, request.identities.len()));
            errors.append(&mut nobody);
            if errors.is_empty() && recipients.is_empty() {
                errors.push(Problem::new(ProblemCode::NotFound, &["recipients"], nobody_is_left()));
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
        now: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    ) -> Result<Vec<String>, StoreError> {
        let mut notices: Vec<_> = self.mode_notice(settings).into_iter().collect();
        if settings.enabled() && !settings.urls.contains_key(&Api::GetSendResult) {
            notices.push(format!(
                "Follow-up is off, and ACCEPTED is the last that will be known: {}.",
                settings.why_off(Api::GetSendResult)
            ));
        }

        if let Some(stop) = self.context().store.sending_stopped(now).await? {
            notices.push(stop.reason);
            if stop.until > expires_at {
                notices.push(format!(
                    "This message is not sent after {} (expiresInSeconds), whatever it waits for.",
                    in_beijing(expires_at)
                ));
            }
        }

        if let Some(fault) = self.context().fault() {
            notices.push(format!(
                "The process that took this sends nothing for now, others may: {}.",
                fault.trim_end_matches('.')
            ));
        }

        let banned = settings
            .urls
            .get(&Api::AsyncSend)
            .and_then(|url| self.context().client.banned(url));
        if let Some(left) = banned.filter(|_| settings.enabled()) {
            notices.push(format!(
                "DingTalk takes no calls from this server's address for another {} s, because it made too many (its ban page): the \
                 message waits until then.",
                left.as_secs() + 1
            ));
        }
        Ok(notices)
    }

    /// What it means for this message where not everybody is sent to.
    fn mode_notice(&self, settings: &Settings) -> Option<String> {
        match settings.delivery_mode {
            DeliveryMode::Off => Some(
                "Sending is switched off in the settings (enabled: false): the message is recorded, and nothing is sent."
                    .to_owned(),
            ),
            DeliveryMode::Shadow => Some(
                "Sending is in shadow (deliveryMode SHADOW): the message is recorded, and nothing is sent.".to_owned(),
            ),
            DeliveryMode::Redirect => {
                let tester = settings.redirect_to.as_deref().unwrap_or_default();
                let who = format!("Sending is redirected (deliveryMode REDIRECT): only {tester} is sent to.");
                let snapshot = self.context().snapshots.current();
                let is_known = snapshot.user(tester).is_some_and(|user| user.standing.is_present());
                Some(if is_known {
                    who
                } else {
                    format!("{who} The mirror has nobody of that userId: have redirectTo put right in the settings.")
                })
            }
            DeliveryMode::On => None,
        }
    }
}

/// A message before the ledger was looked at.
#[derive(Clone)]
struct Plan {
    request: SendRequest,
    content: Content,
    settings: Arc<Settings>,
    recipients: Vec<NewRecipient>,
    notices: Vec<String>,
}

impl Plan {
    /// What is recorded, by what people had `today`.
    async fn fly(self, today: Today<'_>, now: DateTime<Utc>) -> Result<Preview, SubmitError> {
        let Self {
            request,
            content,
            settings,
            mut recipients,
            notices,
        } = self;

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

        let expires_at = expires_at(&request, now);
        let message = NewMessage {
            id: id_at(now),
            request_digest: request.digest(),
            caller: request.caller,
            idempotency_key: request.idempotency_key,
            content: flown.content,
            rendered: flown.rendered,
            state,
            mode: settings.delivery_mode,
            on_unknown: request.on_unknown,
            on_duplicate: request.on_duplicate,
            created_at: now,
            expires_at,
            recipients,
            app: settings.app_key.clone(),
        };

        Ok(Preview {
            message,
            notices: flown.notices,
        })
    }
}

/// Until when it is worth sending.
fn expires_at(request: &SendRequest, now: DateTime<Utc>) -> DateTime<Utc> {
    let worth = request.worth_sending_for.unwrap_or(USUAL_WORTH);
    now + TimeDelta::from_std(worth).unwrap_or(TimeDelta::days(7))
}

fn waits(recipient: &NewRecipient) -> bool {
    recipient.state == RecipientState::Queued
}

/// What to say of departments and exceptions that nobody was found for, and where nobody is left at all.
fn found_nobody(problems: Vec<Problem>, recipients: &[NewRecipient]) -> Vec<String> {
    let more = problems.len().saturating_sub(TOLD_NOBODIES);
    let mut told: Vec<String> = problems
        .into_iter()
        .take(TOLD_NOBODIES)
        .map(|problem| problem.message)
        .collect();

    if more > 0 {
        told.push(format!("Nobody was found for {more} more departments and exceptions."));
    }
    if !recipients.iter().any(waits) {
        told.push(nobody_is_left().to_owned());
    }
    told
}

fn nobody_is_left() -> &'static str {
    "Nobody is left to send to: everybody whom recipients name is excepted, unknown, or can't be sent to, or its departments \
     have no people."
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
            problem
                .message
                .push_str(" The time that onDuplicate: MARK appends counts.");
        }
        problem
    });
    Err(SubmitError::Invalid(told.collect()))
}

fn replay(first: Message, digest: &str) -> Result<Submitted, SubmitError> {
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
    Problem::new(
        ProblemCode::Conflict,
        &["idempotencyKey"],
        "idempotencyKey was used in the last 7 days for a message with other content or recipients: use a new key for a new \
         message, and the old key only to repeat the very same request.",
    )
}

fn not_configured(missing: &[String]) -> Vec<Problem> {
    missing
        .iter()
        .map(|field| Problem::new(ProblemCode::NotConfigured, &[], remedy(field)))
        .collect()
}
