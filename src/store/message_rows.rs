//! Messages, recipients and attempts as rows, and back.

use sea_orm::Set;
use uuid::Uuid;

use super::{
    entity::{attempt, message, recipient},
    error::{StoreError, corrupt},
    text::{by_name, by_name_opt, from_json, json, name_of, without_nul, without_nul_opt},
};
use crate::{
    directory::UserId,
    message::{Attempt, Content, Message, NewMessage, Recipient, content_digest},
    settings::DeliveryMode,
};

pub(super) fn message_row(new: &NewMessage) -> message::ActiveModel {
    message::ActiveModel {
        id: Set(new.id.to_string()),
        caller: Set(without_nul(&new.caller)),
        idempotency_key: Set(without_nul_opt(new.idempotency_key.as_ref())),
        request_digest: Set(new.request_digest.clone()),
        content: Set(json(&new.content)),
        rendered: Set(without_nul(&new.rendered)),
        state: Set(name_of(&new.state)),
        created_at: Set(new.created_at),
        msg_type: Set(Some(name_of(&new.content.kind()))),
        mode: Set(Some(name_of(&new.mode))),
        on_unknown: Set(Some(name_of(&new.on_unknown))),
        on_duplicate: Set(Some(name_of(&new.on_duplicate))),
        updated_at: Set(Some(new.created_at)),
        expires_at: Set(Some(new.expires_at)),
        erased_at: Set(None),
        recalled_at: Set(None),
        recalled_by: Set(None),
        content_digest: Set(Some(content_digest(&new.rendered))),
        app: Set(without_nul_opt(new.app.as_ref())),
    }
}

pub(super) fn message_value(row: message::Model) -> Result<Message, StoreError> {
    let content: Option<Content> = from_json("messages.content", &row.content)?;
    let kind = by_name_opt("messages.msg_type", row.msg_type.as_deref())?;
    // Rows of an earlier version have no type: their content tells it.
    let kind = kind.or_else(|| content.as_ref().map(Content::kind));

    Ok(Message {
        id: Uuid::parse_str(&row.id).map_err(|error| corrupt("messages.id", error))?,
        caller: row.caller,
        idempotency_key: row.idempotency_key,
        request_digest: row.request_digest,
        kind: kind.ok_or_else(|| corrupt("messages.msg_type", "neither type nor content"))?,
        content,
        rendered: row.rendered,
        state: by_name("messages.state", &row.state)?,
        // Before there were modes, what was taken in while sending was off is SUPPRESSED.
        mode: by_name_opt("messages.mode", row.mode.as_deref())?.unwrap_or(DeliveryMode::On),
        on_unknown: by_name_opt("messages.on_unknown", row.on_unknown.as_deref())?.unwrap_or_default(),
        on_duplicate: by_name_opt("messages.on_duplicate", row.on_duplicate.as_deref())?.unwrap_or_default(),
        created_at: row.created_at,
        updated_at: row.updated_at.unwrap_or(row.created_at),
        expires_at: row.expires_at,
        app: row.app,
        erased_at: row.erased_at,
        recalled: row.recalled_at.map(|at| (at, row.recalled_by.unwrap_or_default())),
    })
}

pub(super) fn recipient_value(row: recipient::Model) -> Result<Recipient, StoreError> {
    Ok(Recipient {
        id: row.id,
        message_id: Uuid::parse_str(&row.message_id).map_err(|error| corrupt("recipients.message_id", error))?,
        position: row.position,
        identity: row
            .identity
            .map(|text| from_json("recipients.identity", &text))
            .transpose()?,
        resolution_status: by_name_opt("recipients.resolution_status", row.resolution_status.as_deref())?,
        resolution_rule: by_name_opt("recipients.resolution_rule", row.resolution_rule.as_deref())?,
        userid: row.userid.map(UserId::from),
        state: by_name("recipients.state", &row.state)?,
        reason: row.reason,
        task_id: row.task_id,
        updated_at: row.updated_at,
        dept_id: row.dept_id,
        prediction: by_name_opt("recipients.prediction", row.prediction.as_deref())?,
        repeats: row
            .repeats
            .map_or(0, |count| u32::try_from(i64::max(count, 0)).unwrap_or(u32::MAX)),
        repeat_until: row.repeat_until,
    })
}

pub(super) fn attempt_value(row: attempt::Model) -> Result<Attempt, StoreError> {
    let uuid = |column: &str, text: &str| Uuid::parse_str(text).map_err(|error| corrupt(column, error));

    Ok(Attempt {
        id: uuid("attempts.id", &row.id)?,
        message_id: uuid("attempts.message_id", &row.message_id)?,
        recipients: row.recipients,
        started_at: row.started_at,
        finished_at: row.finished_at,
        outcome: by_name_opt("attempts.outcome", row.outcome.as_deref())?,
        task_id: row.task_id,
        code: row.code,
        detail: row.detail,
        progress: row.progress.and_then(|percent| u8::try_from(percent).ok()),
        recall: by_name_opt("attempts.recall_state", row.recall_state.as_deref())?
            .map(|state| (state, row.recall_detail)),
    })
}
