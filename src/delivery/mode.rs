//! What the settings' mode makes of those who could be sent to.

use crate::{
    catalogue::{
        Statement,
        delivery::{REDIRECTED, SHADOWED, SUPPRESSED},
    },
    directory::UserId,
    message::{MessageState, NewRecipient, RecipientState},
    settings::{DeliveryMode, Settings},
};

/// The message's first state. Where sending is off or in shadow, nobody stays queued; where it is redirected, the
/// tester alone.
pub(super) fn settle(recipients: &mut Vec<NewRecipient>, settings: &Settings) -> MessageState {
    let (state, reason) = match settings.delivery_mode {
        DeliveryMode::On => return waiting(recipients),
        DeliveryMode::Off => (RecipientState::Suppressed, Statement::from(SUPPRESSED {})),
        DeliveryMode::Shadow => (RecipientState::Shadowed, SHADOWED {}.into()),
        DeliveryMode::Redirect => {
            let tester = settings.redirect_to.as_deref().unwrap_or_default();
            (RecipientState::Redirected, REDIRECTED { tester }.into())
        }
    };

    let mut moved = false;
    for recipient in recipients.iter_mut().filter(|it| it.state == RecipientState::Queued) {
        moved = true;
        recipient.state = state;
        recipient.reason = Some(reason.clone());
    }

    if settings.delivery_mode != DeliveryMode::Redirect {
        return MessageState::Suppressed;
    }
    // Where nobody would have been sent to, the tester isn't either.
    if let Some(tester) = settings.redirect_to.as_deref().filter(|_| moved) {
        recipients.push(NewRecipient {
            identity: None,
            resolution: None,
            userid: Some(UserId::from(tester)),
            state: RecipientState::Queued,
            reason: None,
            dept_id: None,
            prediction: None,
        });
    }

    waiting(recipients)
}

fn waiting(recipients: &[NewRecipient]) -> MessageState {
    if recipients.iter().any(|it| it.state == RecipientState::Queued) {
        MessageState::Queued
    } else {
        MessageState::Done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipients() -> Vec<NewRecipient> {
        [
            ("u1", RecipientState::Queued),
            ("u2", RecipientState::Failed),
            ("tester", RecipientState::Queued),
        ]
        .into_iter()
        .map(|(user, state)| NewRecipient {
            identity: None,
            resolution: None,
            userid: Some(user.into()),
            state,
            reason: None,
            dept_id: None,
            prediction: None,
        })
        .collect()
    }

    fn settled(delivery_mode: DeliveryMode) -> (MessageState, Vec<(String, RecipientState)>) {
        let settings = Settings {
            delivery_mode,
            redirect_to: Some("tester".into()),
            ..Settings::defaults()
        };

        let mut rows = recipients();
        let state = settle(&mut rows, &settings);
        let rows = rows
            .into_iter()
            .map(|it| (it.userid.unwrap_or_else(|| "".into()).to_string(), it.state));
        (state, rows.collect())
    }

    #[test]
    fn each_mode_decides_who_is_sent_to_and_leaves_the_others_their_reasons() {
        use RecipientState::{Failed, Queued, Redirected, Shadowed, Suppressed};
        for (mode, state, first, last) in [
            (DeliveryMode::On, MessageState::Queued, Queued, Queued),
            (DeliveryMode::Off, MessageState::Suppressed, Suppressed, Suppressed),
            (DeliveryMode::Shadow, MessageState::Suppressed, Shadowed, Shadowed),
        ] {
            let (told, rows) = settled(mode);
            assert_eq!(told, state, "{mode:?}");
            let states: Vec<_> = rows.into_iter().map(|(_, state)| state).collect();
            assert_eq!(states, [first, Failed, last], "{mode:?}");
        }

        let (told, rows) = settled(DeliveryMode::Redirect);
        assert_eq!(told, MessageState::Queued);
        let expected = [
            ("u1", Redirected),
            ("u2", Failed),
            ("tester", Redirected),
            ("tester", Queued),
        ];
        assert_eq!(rows, expected.map(|(user, state)| (user.to_owned(), state)));
    }

    #[test]
    fn a_message_that_nobody_can_be_sent_is_done_at_once() {
        let settings = Settings {
            delivery_mode: DeliveryMode::On,
            ..Settings::defaults()
        };
        let mut rows = recipients();
        rows.retain(|row| row.state == RecipientState::Failed);
        assert_eq!(settle(&mut rows, &settings), MessageState::Done);
    }
}
