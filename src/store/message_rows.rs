//! Messages, recipients and attempts as rows, and back.

use sea_orm::Set;

use super::{
    column::{CleanText, JsonText, Named},
    entity::{attempt, message, recipient},
    error::{StoreError, corrupt},
};
use crate::{
    catalogue::Statement,
    directory::UserId,
    message::{Attempt, Content, FollowUpPolicy, Message, NewMessage, Origin, Recipient, content_digest},
    settings::DeliveryMode,
};

pub(super) fn message_row(new: &NewMessage) -> message::ActiveModel {
    message::ActiveModel {
        id: Set(new.id.into()),
        caller: Set(CleanText::from(&new.caller)),
        idempotency_key: Set(CleanText::of(new.idempotency_key.as_ref())),
        request_digest: Set(new.request_digest.clone()),
        content: Set(JsonText(Some(new.content.clone()))),
        rendered: Set(CleanText::from(&new.rendered)),
        state: Set(Named(new.state)),
        created_at: Set(new.created_at),
        msg_type: Set(Some(Named(new.content.kind()))),
        mode: Set(Some(Named(new.mode))),
        on_unknown: Set(Some(Named(new.on_unknown))),
        on_duplicate: Set(Some(Named(new.on_duplicate))),
        updated_at: Set(Some(new.created_at)),
        expires_at: Set(Some(new.expires_at)),
        erased_at: Set(None),
        recalled_at: Set(None),
        recalled_by: Set(None),
        content_digest: Set(Some(content_digest(&new.rendered))),
        app: Set(CleanText::of(new.app.as_ref())),
        resend_of: Set(new.origin.as_ref().map(|origin| origin.message.into())),
        named_by: Set(new.origin.as_ref().map(|origin| CleanText::from(&origin.named_by))),
        follow_up: Set(Some(Named(new.follow_up))),
        priority: Set(Some(Named(new.priority))),
    }
}

/// Before there was a choice, everything was asked about.
pub(super) fn follow_up_of(column: Option<Named<FollowUpPolicy>>) -> FollowUpPolicy {
    column.map_or(FollowUpPolicy::Live, |it| it.0)
}

pub(super) fn message_value(row: message::Model) -> Result<Message, StoreError> {
    let content = row.content.0;
    // Rows of an earlier version have no type: their content tells it.
    let kind = row
        .msg_type
        .map(|kind| kind.0)
        .or_else(|| content.as_ref().map(Content::kind));

    let origin = row.resend_of.zip(row.named_by).map(|(message, named_by)| Origin {
        message: message.into(),
        named_by: named_by.into(),
    });

    Ok(Message {
        id: row.id.into(),
        caller: row.caller.into(),
        idempotency_key: row.idempotency_key.map(String::from),
        request_digest: row.request_digest,
        kind: kind.ok_or_else(|| corrupt("messages.msg_type", "neither type nor content"))?,
        content,
        rendered: row.rendered.into(),
        state: row.state.0,
        // Before there were modes, what was taken in while sending was off is SUPPRESSED.
        mode: row.mode.map_or(DeliveryMode::On, |mode| mode.0),
        on_unknown: row.on_unknown.map(|it| it.0).unwrap_or_default(),
        on_duplicate: row.on_duplicate.map(|it| it.0).unwrap_or_default(),
        follow_up: follow_up_of(row.follow_up),
        priority: row.priority.map(|it| it.0).unwrap_or_default(),
        created_at: row.created_at,
        updated_at: row.updated_at.unwrap_or(row.created_at),
        expires_at: row.expires_at,
        app: row.app.map(String::from),
        erased_at: row.erased_at,
        recalled: row
            .recalled_at
            .map(|at| (at, row.recalled_by.map(String::from).unwrap_or_default())),
        origin,
    })
}

pub(super) fn recipient_value(row: recipient::Model) -> Recipient {
    Recipient {
        id: row.id,
        message_id: row.message_id.into(),
        position: row.position,
        identity: row.identity.map(|identity| identity.0),
        resolution_status: row.resolution_status.map(|status| status.0),
        resolution_rule: row.resolution_rule.map(|rule| rule.0),
        userid: row.userid.map(UserId::from),
        state: row.state.0,
        reason: row.reason.map(Statement::from),
        task_id: row.task_id,
        updated_at: row.updated_at,
        dept_id: row.dept_id,
        prediction: row.prediction.map(|prediction| prediction.0),
        repeats: row
            .repeats
            .map_or(0, |count| u32::try_from(i64::max(count, 0)).unwrap_or(u32::MAX)),
        repeat_until: row.repeat_until,
    }
}

pub(super) fn attempt_value(row: attempt::Model) -> Attempt {
    Attempt {
        id: row.id.into(),
        message_id: row.message_id.into(),
        recipients: row.recipients,
        started_at: row.started_at,
        finished_at: row.finished_at,
        outcome: row.outcome.map(|outcome| outcome.0),
        task_id: row.task_id,
        code: row.code.map(String::from),
        detail: row.detail.map(Statement::from),
        progress: row.progress.and_then(|percent| u8::try_from(percent).ok()),
        recall: row
            .recall_state
            .map(|state| (state.0, row.recall_detail.map(Statement::from))),
    }
}
