//! Taking messages back.

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    context::DeliveryContext,
    follow_up::{FollowUps, concerns_the_app},
    metering::MeteredCall,
    schedule::recall_delay,
    service::Delivery,
};
use crate::{
    audit::Author,
    catalogue::{
        Statement,
        delivery::{RECALL_OFF, RECALL_SHARED},
    },
    dingtalk::{Error, Session},
    message::{CallPurpose, Message},
    settings::Api,
    store::{RecallOutcome, RecallReach, RecallTask, Stop, StoreError},
};

/// Recalls in one round.
const ROUND: u32 = 100;

impl Delivery {
    /// Takes a message back: who waits is not sent to, and DingTalk is asked, in the background, to withdraw what it
    /// took in the last 24 hours. `None`: there is no such message.
    pub async fn recall(&self, id: Uuid, by: impl Into<Author>) -> Result<Option<Message>, StoreError> {
        let recalled = self.context().store.recall_message(id, by).await?;
        self.context().recalled.notify_one();
        Ok(recalled)
    }

    /// Whom taking this message back would reach now: nobody any more where that was done.
    pub async fn recall_reach(&self, message: &Message) -> Result<RecallReach, StoreError> {
        if message.recalled.is_some() {
            return Ok(RecallReach::default());
        }
        let settings = self.context().settings.current();
        let app = settings.app_key.as_deref();
        let app = app.filter(|_| settings.urls.contains_key(&Api::Recall));
        self.context().store.recall_reach(message.id, app).await
    }

    /// Goes on with sending after a stop, in the name of `by`, say because more calls were bought. The stop that there
    /// was.
    pub async fn resume(&self, by: impl Into<Author>) -> Result<Option<Stop>, StoreError> {
        self.context().go_on_here();
        self.context().client.forget_refused_tokens().await;
        let stop = self.context().store.resume_sending(Some(&by.into())).await?;
        self.context().wake.notify_one();
        self.context().recalled.notify_one();
        Ok(stop)
    }
}

impl FollowUps {
    /// Asks DingTalk to take back what was marked, as long as that is this process's to do. A send that carried another
    /// message, too, can't be: that one would go with it. The error that the next one would meet as well.
    pub(super) async fn take_back(
        &mut self,
        session: &Session,
        app: &str,
        shutdown: &CancellationToken,
    ) -> Result<Option<Error>, StoreError> {
        let context = self.context();
        let store = &context.store;
        for task in store.recalls_due(ROUND, context.clock.now(), app).await? {
            if let Some(why) = shared_or_not_configured(session, &task) {
                let outcome = RecallOutcome::Failed { why, asked: false };
                store.record_recall(&task, &outcome).await?;
                continue;
            }
            if !self.still_holds_lease().await? {
                return Ok(None);
            }

            let call = MeteredCall::begin(&context, session, CallPurpose::Recall).await?;
            // Cut short at shutdown it is asked again: doing it twice does no harm.
            let answer = tokio::select! {
                () = shutdown.cancelled() => None,
                answer = call.session.recall(task.task_id) => Some(answer),
            };
            call.end(&context).await;
            let Some(answer) = answer else {
                return Ok(None);
            };

            let (outcome, passing) = outcome(answer, &task, &context);
            store.record_recall(&task, &outcome).await?;
            if let Some(error) = passing {
                tracing::warn!(task.id = task.task_id, %error, "a send could not be taken back yet");
                // This one has lost its turn, lest it block the others for ever; those wait for the next round.
                return Ok(Some(error).filter(concerns_the_app));
            }
        }
        Ok(None)
    }
}

/// What an answer means, and the error that will pass.
fn outcome(answer: Result<(), Error>, task: &RecallTask, context: &DeliveryContext) -> (RecallOutcome, Option<Error>) {
    let error = match answer {
        Ok(()) => return (RecallOutcome::Done, None),
        Err(error) => error,
    };
    // Doing it twice does no harm, and most of what DingTalk says can be put right while it still takes back. Its time
    // ends it.
    let why = error.message.clone();
    let wait = recall_delay(task.tries, error.retry_after, context.config.follow_up_every);
    let at = context.clock.now() + wait;
    (RecallOutcome::Again { why, at }, Some(error))
}

fn shared_or_not_configured(session: &Session, task: &RecallTask) -> Option<Statement> {
    if !session.is_configured(Api::Recall) {
        let why = session.why_off(Api::Recall);
        return Some(RECALL_OFF { why }.into());
    }
    let count = task.shared_with;
    (count > 0).then(|| RECALL_SHARED { count }.into())
}
