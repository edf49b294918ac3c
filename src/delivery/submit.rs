//! Taking a message in: everything is decided and written before the caller is answered.

use uuid::{NoContext, Timestamp, Uuid};

use super::{
    connection::{connection, remedy},
    error::{FieldError, FieldErrorCode, SubmitError},
    recipients::{freeze, unmatched},
    request::{SendRequest, Submitted},
    service::Delivery,
};
use crate::{
    message::{Message, MessageState, NewMessage, NewRecipient, RecipientState, request_digest},
    page::PageRequest,
    settings::Settings,
    store::{InsertOutcome, MessageQuery, StoreError},
};

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
        let digest = request_digest(
            &request.content,
            &request.identities,
            &request.userids,
            request.require_all_matched,
        );
        // A retried job gets its first answer even if people or settings have changed since.
        if let Some(first) = self.first_of_key(&request).await? {
            return replay(first, &digest);
        }
        let settings = self.shared().settings.current();
        if settings.enabled {
            connection(&settings).map_err(|missing| SubmitError::Invalid(not_configured(&missing)))?;
        }
        let new = self.freeze(request, digest, &settings)?;
        let queued = new.state == MessageState::Queued;
        let inserted = self.shared().store.insert_message(new).await?;
        match inserted.outcome {
            InsertOutcome::KeyReused => Err(SubmitError::Invalid(vec![key_reused()])),
            InsertOutcome::Replayed => Ok(Submitted {
                message: inserted.message,
                replayed: true,
            }),
            InsertOutcome::Inserted => {
                if queued {
                    self.shared().wake.notify_one();
                }
                Ok(Submitted {
                    message: inserted.message,
                    replayed: false,
                })
            }
        }
    }

    async fn first_of_key(&self, request: &SendRequest) -> Result<Option<Message>, StoreError> {
        let Some(key) = &request.idempotency_key else {
            return Ok(None);
        };
        let query = MessageQuery {
            idempotency_key: Some(key.clone()),
            caller: Some(request.caller.clone()),
            ..MessageQuery::default()
        };
        Ok(self
            .shared()
            .store
            .messages(&query, PageRequest::new(1, None))
            .await?
            .items
            .pop())
    }

    fn freeze(&self, request: SendRequest, digest: String, settings: &Settings) -> Result<NewMessage, SubmitError> {
        let snapshot = self.shared().snapshots.current();
        let identities = &self.shared().identities;
        identities.memory.note(&request.identities, self.shared().clock.now());
        let mut recipients = freeze(
            &snapshot,
            &identities.links.current(),
            settings.matching_method,
            &request.identities,
            &request.userids,
        );
        if request.require_all_matched {
            let errors = unmatched(&recipients, request.identities.len());
            if !errors.is_empty() {
                return Err(SubmitError::Invalid(errors));
            }
        }
        let state = settle(&mut recipients, settings.enabled);
        let now = self.shared().clock.now();
        let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
        Ok(NewMessage {
            id: Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, now.timestamp_subsec_nanos())),
            rendered: request.content.render(),
            caller: request.caller,
            idempotency_key: request.idempotency_key,
            request_digest: digest,
            content: request.content,
            state,
            created_at: now,
            recipients,
        })
    }
}

/// The message's first state; where sending is switched off, nobody stays queued.
fn settle(recipients: &mut [NewRecipient], enabled: bool) -> MessageState {
    let mut queued = recipients
        .iter_mut()
        .filter(|r| r.state == RecipientState::Queued)
        .peekable();
    if enabled {
        return if queued.peek().is_some() {
            MessageState::Queued
        } else {
            MessageState::Done
        };
    }
    for recipient in queued {
        recipient.state = RecipientState::Suppressed;
        recipient.reason =
            Some("Sending is switched off in the settings (enabled: false): nothing was sent.".to_owned());
    }
    MessageState::Suppressed
}

fn replay(first: Message, digest: &str) -> Result<Submitted, SubmitError> {
    if first.request_digest == digest {
        Ok(Submitted {
            message: first,
            replayed: true,
        })
    } else {
        Err(SubmitError::Invalid(vec![key_reused()]))
    }
}

fn key_reused() -> FieldError {
    FieldError::new(
        FieldErrorCode::Conflict,
        &["idempotencyKey"],
        "idempotencyKey was used before for a message with other content or recipients: use a new key for a new message, and \
         the old key only to repeat the very same request.",
    )
}

fn not_configured(missing: &[&str]) -> Vec<FieldError> {
    missing
        .iter()
        .map(|field| FieldError::new(FieldErrorCode::NotConfigured, &[], remedy(field)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipient(state: RecipientState) -> NewRecipient {
        NewRecipient {
            identity: None,
            resolution: None,
            userid: None,
            state,
            reason: None,
        }
    }

    #[test]
    fn switched_off_suppresses_whoever_would_be_sent_to_and_leaves_the_others_their_reasons() {
        let mut recipients = [recipient(RecipientState::Queued), recipient(RecipientState::Unmatched)];
        assert_eq!(settle(&mut recipients, false), MessageState::Suppressed);
        assert_eq!(recipients[0].state, RecipientState::Suppressed);
        assert!(recipients[0].reason.is_some());
        assert_eq!(recipients[1].state, RecipientState::Unmatched);
    }

    #[test]
    fn a_message_that_nobody_can_be_sent_is_done_at_once() {
        assert_eq!(
            settle(&mut [recipient(RecipientState::Unmatched)], true),
            MessageState::Done
        );
        assert_eq!(
            settle(&mut [recipient(RecipientState::Queued)], true),
            MessageState::Queued
        );
    }
}
