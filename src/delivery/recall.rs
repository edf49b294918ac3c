//! Taking messages back.

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::service::Delivery;
use crate::{
    dingtalk::{ErrorKind, Session},
    message::{Message, RecallState},
    settings::Api,
    store::{RecallTask, Stop, Store, StoreError},
};

/// Recalls in one round.
const ROUND: u32 = 100;

impl Delivery {
    /// Takes a message back: who waits is not sent to, and DingTalk is asked, in the background, to withdraw what it took in
    /// the last 24 hours. `None`: there is no such message.
    pub async fn recall(&self, id: Uuid, by: &str) -> Result<Option<Message>, StoreError> {
        let recalled = self.shared().store.recall_message(id, by).await?;
        self.shared().recalled.notify_one();
        Ok(recalled)
    }

    /// Goes on with sending after a stop, say because more calls were bought. The stop that there was.
    pub async fn resume(&self) -> Result<Option<Stop>, StoreError> {
        let shared = self.shared();
        let stop = shared.store.sending_stopped(shared.clock.now()).await?;
        shared.store.resume_sending().await?;
        shared.wake.notify_one();
        Ok(stop)
    }
}

/// Asks DingTalk to take back what was marked. A send that carried another message, too, can't be: that one would go with it.
pub(super) async fn take_back(
    store: &Store,
    session: &Session,
    shutdown: &CancellationToken,
) -> Result<(), StoreError> {
    for task in store.recalls_due(ROUND).await? {
        let (state, detail) = match shared_or_not_configured(session, &task) {
            Some(why) => (RecallState::Failed, Some(why)),
            None => {
                let done = tokio::select! {
                    () = shutdown.cancelled() => return Ok(()),
                    done = session.recall(task.task_id) => done,
                };
                match done {
                    Ok(()) => (RecallState::Done, None),
                    // Asked again in the next round: doing it twice does no harm.
                    Err(error) if error.retry_after.is_some() || is_passing(error.kind) => {
                        tracing::warn!(task.id = task.task_id, %error, "a send could not be taken back yet");
                        return Ok(());
                    }
                    Err(error) => (RecallState::Failed, Some(error.message)),
                }
            }
        };
        store.record_recall(&task, state, detail.as_deref()).await?;
    }
    Ok(())
}

fn is_passing(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::NotSent
            | ErrorKind::Throttled
            | ErrorKind::Banned
            | ErrorKind::BadToken
            | ErrorKind::Unavailable
            | ErrorKind::OutcomeUnknown
            | ErrorKind::Cancelled
    )
}

fn shared_or_not_configured(session: &Session, task: &RecallTask) -> Option<String> {
    if !session.is_configured(Api::Recall) {
        return Some("recallUrl is not set in the settings: DingTalk can't be asked to take it back.".to_owned());
    }
    if task.shared_with.is_empty() {
        return None;
    }
    let others: Vec<String> = task.shared_with.iter().map(Uuid::to_string).collect();
    Some(format!(
        "DingTalk takes a whole send back, and this one carried the same content for other messages, too, which were not taken \
         back: {}.",
        others.join(", ")
    ))
}
