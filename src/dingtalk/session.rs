//! The calls, with their arguments and answers as plain values.

use std::{collections::HashSet, sync::Arc};

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::{
    answers::{self, FailedPushes, Scopes, SendProgress, SendResult, UserPage, user_ids},
    client_state::ClientState,
    connection::Connection,
    departments::department,
    error::{Error, ErrorKind},
    failure::AttemptFailure,
    fields::{self, Object},
    limiter::Priority,
    retry::Repeat,
    tally::Tally,
    users,
};
use crate::{
    catalogue::{Statement, settings::AGENT_ID_NOT_SET},
    directory::{DepartmentFacts, DeptId, UserFacts, UserId},
    settings::Api,
};

/// Records that `user/list` gives at most.
const PAGE: u32 = 100;

/// Recipients that one `asyncsend_v2` takes by DingTalk's documentation.
const RECIPIENTS: usize = 100;

/// The calls to one DingTalk, with one app's credentials. Cheap to clone; dropping a call's future cancels it.
#[derive(Debug, Clone)]
pub struct Session {
    pub(super) shared: Arc<ClientState>,
    pub(super) connection: Arc<Connection>,
    pub(super) priority: Priority,
    /// No call is made any more once this is cancelled.
    pub(super) closed: CancellationToken,
    /// Counts the requests, too.
    pub(super) tally: Tally,
}

impl Session {
    /// The same, but its calls wait behind those that somebody waits for: for a crawl.
    pub fn bulk(&self) -> Self {
        Self {
            priority: Priority::Bulk,
            ..self.clone()
        }
    }

    /// The same, but no request leaves any more once `closed` is cancelled: calls that wait for a token or for a limit
    /// end as [`ErrorKind::Cancelled`], and those whose request is on its way go on.
    pub fn until(&self, closed: CancellationToken) -> Self {
        Self { closed, ..self.clone() }
    }

    /// The same with a tally of its own, which is read by [`Self::tally`].
    pub fn tallied(&self) -> Self {
        Self {
            tally: Tally::default(),
            ..self.clone()
        }
    }

    /// Requests that this session made and DingTalk may have counted against the monthly quota.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Whether there is a URL for `api`.
    pub fn is_configured(&self, api: Api) -> bool {
        self.connection.urls.contains_key(&api)
    }

    /// Why calls to `api` aren't made where it [isn't configured](Self::is_configured), and what to do.
    pub fn why_off(&self, api: Api) -> Statement {
        self.connection.why_off(api)
    }

    /// Where the visible part of the company starts.
    pub async fn auth_scopes(&self) -> Result<Scopes, Error> {
        let answer = self.call(Api::AuthScopes, None, Repeat::Harmless).await?;
        answers::scopes(&answer).ok_or_else(|| self.odd(Api::AuthScopes, "no auth_org_scopes"))
    }

    /// Direct children, as `listsub` says them, each once; home-school ids included.
    pub async fn department_list_sub(&self, dept: DeptId) -> Result<Vec<DepartmentFacts>, Error> {
        let api = Api::DepartmentListSub;
        let answer = self.read(api, json!({ "dept_id": dept.0 })).await?;

        let mut seen = HashSet::new();
        let mut departments = Vec::new();
        for entry in self.list(api, &answer, "result")? {
            let facts = department(&entry).ok_or_else(|| self.odd(api, "a department without dept_id"))?;
            if seen.insert(facts.dept_id) {
                departments.push(facts);
            }
        }
        Ok(departments)
    }

    /// One department's detail.
    pub async fn department_get(&self, dept: DeptId) -> Result<DepartmentFacts, Error> {
        let api = Api::DepartmentGet;
        let answer = self.read(api, json!({ "dept_id": dept.0 })).await?;
        let facts = self
            .result(api, &answer)
            .and_then(|result| department(&result).ok_or_else(|| self.odd(api, "no dept_id")))?;

        if facts.dept_id == dept {
            Ok(facts)
        } else {
            Err(self.odd(api, "another department"))
        }
    }

    /// The userids of the direct members, each once.
    pub async fn user_list_id(&self, dept: DeptId) -> Result<Vec<UserId>, Error> {
        let api = Api::UserListId;
        let answer = self.read(api, json!({ "dept_id": dept.0 })).await?;

        match answer.get("result") {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(_) => {
                let result = self.result(api, &answer)?;
                match result.get("userid_list") {
                    None | Some(Value::Null) => Ok(Vec::new()),
                    Some(_) => {
                        user_ids(&result, "userid_list").ok_or_else(|| self.odd(api, "userid_list isn't a list"))
                    }
                }
            }
        }
    }

    /// One user's detail.
    pub async fn user_get(&self, user: &UserId) -> Result<UserFacts, Error> {
        let api = Api::UserGet;
        let answer = self.read(api, json!({ "userid": user.as_str() })).await?;
        let facts = self
            .result(api, &answer)
            .and_then(|result| users::from_get(&result).ok_or_else(|| self.odd(api, "no userid")))?;

        if facts.userid == *user {
            Ok(facts)
        } else {
            Err(self.odd(api, "another user"))
        }
    }

    /// One page of `user/list`; memberships of each user: every id of `dept_id_list`, order and leader known for this
    /// department only.
    ///
    /// "There is more" without saying where, or at a place already read, is an error: taking it for the end would lose
    /// people.
    pub async fn user_list(&self, dept: DeptId, cursor: i64) -> Result<UserPage, Error> {
        let api = Api::UserList;
        // Without contain_access_limit the people with a restricted directory are left out.
        let body = json!({ "dept_id": dept.0, "cursor": cursor, "size": PAGE, "contain_access_limit": true });
        let answer = self.read(api, body).await?;
        if matches!(answer.get("result"), None | Some(Value::Null)) {
            return Ok(UserPage {
                users: Vec::new(),
                next_cursor: None,
            });
        }

        let result = self.result(api, &answer)?;
        let mut seen = HashSet::new();
        let mut users = Vec::new();
        for entry in self.list(api, &result, "list")? {
            let facts = users::from_list(&entry, dept).ok_or_else(|| self.odd(api, "a user without userid"))?;
            if seen.insert(facts.userid.clone()) {
                users.push(facts);
            }
        }

        let next = fields::integer(&result, "next_cursor");
        let next_cursor = match (fields::boolean(&result, "has_more"), next) {
            (Some(false), _) | (None, None) => None,
            (Some(true), None) => return Err(self.odd(api, "has_more without next_cursor")),
            (_, Some(next)) if next > cursor => Some(next),
            (_, Some(_)) => return Err(self.odd(api, "a next_cursor that does not advance")),
        };

        Ok(UserPage { users, next_cursor })
    }

    /// The number of the company's people, outside the contact scope too.
    pub async fn user_count(&self, only_active: bool) -> Result<u64, Error> {
        let answer = self.read(Api::UserCount, json!({ "only_active": only_active })).await?;
        let count = fields::integer(&self.result(Api::UserCount, &answer)?, "count");
        count
            .and_then(|count| u64::try_from(count).ok())
            .ok_or_else(|| self.odd(Api::UserCount, "no count"))
    }

    /// `Ok(None)`: no current employee has it.
    pub async fn user_get_by_mobile(&self, mobile: &str) -> Result<Option<UserId>, Error> {
        let api = Api::UserGetByMobile;
        match self.read(api, json!({ "mobile": mobile })).await {
            Ok(answer) => Ok(fields::id(&self.result(api, &answer)?, "userid").map(UserId::from)),
            Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// `msg` is the rendered JSON object, sent byte for byte. Exactly one HTTP attempt unless the former provably did
    /// not arrive.
    ///
    /// The task's number says that DingTalk took the message, not that anybody got it.
    pub async fn async_send(&self, users: &[UserId], msg: &str) -> Result<i64 /* task_id */, Error> {
        let api = Api::AsyncSend;
        let agent_id = self.agent_id(api)?;
        let invalid = |said: &str| self.error(api, &AttemptFailure::new(ErrorKind::BadRequest, said), None, None);

        // The list is one text with commas: a comma in an id would address somebody else.
        if users
            .iter()
            .any(|user| user.as_str().is_empty() || user.as_str().contains(','))
        {
            let said = "not sent: a userid is empty or holds a comma";
            return Err(self.error(api, &AttemptFailure::new(ErrorKind::BadRecipient, said), None, None));
        }

        if users.is_empty() || users.len() > RECIPIENTS {
            return Err(invalid("not sent: 1 to 100 recipients go in one call"));
        }
        if serde_json::from_str::<Object>(msg).is_err() {
            return Err(invalid("not sent: the message isn't a JSON object"));
        }

        let list = users.iter().map(UserId::as_str).collect::<Vec<_>>().join(",");
        let body = format!(
            r#"{{"agent_id":{agent_id},"userid_list":{},"msg":{msg}}}"#,
            Value::String(list)
        );
        let answer = self.call(api, Some(&body), Repeat::SendsAgain).await?;
        fields::integer(&answer, "task_id").ok_or_else(|| {
            let said = "the message was taken, but without a task_id to follow it by";
            self.error(api, &AttemptFailure::new(ErrorKind::OutcomeUnknown, said), None, None)
        })
    }

    /// How far DingTalk is with a message.
    pub async fn get_send_progress(&self, task_id: i64) -> Result<SendProgress, Error> {
        let api = Api::GetSendProgress;
        let answer = self
            .read(api, json!({ "agent_id": self.agent_id(api)?, "task_id": task_id }))
            .await?;
        answers::send_progress(&answer).ok_or_else(|| self.odd(api, "no progress"))
    }

    /// What became of a message; DingTalk tells for 24 hours.
    pub async fn get_send_result(&self, task_id: i64) -> Result<SendResult, Error> {
        let api = Api::GetSendResult;
        let answer = self
            .read(api, json!({ "agent_id": self.agent_id(api)?, "task_id": task_id }))
            .await?;
        Ok(answers::send_result(&answer))
    }

    /// Takes a message back from everybody who got it by this send; DingTalk does it for 24 hours. Doing it twice does
    /// no harm.
    pub async fn recall(&self, task_id: i64) -> Result<(), Error> {
        let api = Api::Recall;
        // DingTalk calls the number `task_id` everywhere else.
        let body = json!({ "agent_id": self.agent_id(api)?, "msg_task_id": task_id });
        self.read(api, body).await.map(drop)
    }

    /// Events that could not be pushed. Reading clears them at DingTalk's: whoever loses the answer loses them.
    pub async fn callback_failed_list(&self) -> Result<FailedPushes, Error> {
        let api = Api::CallBackFailedResult;
        let answer = self.call(api, None, Repeat::Harmless).await?;
        Ok(FailedPushes {
            entries: self
                .list(api, &answer, "failed_list")?
                .into_iter()
                .map(Value::Object)
                .collect(),
            has_more: fields::boolean(&answer, "has_more").unwrap_or(false),
        })
    }

    async fn read(&self, api: Api, body: Value) -> Result<Object, Error> {
        self.call(api, Some(&body.to_string()), Repeat::Harmless).await
    }

    fn agent_id(&self, api: Api) -> Result<i64, Error> {
        let missing = || Error::not_configured(api, AGENT_ID_NOT_SET {}.into());
        self.connection.agent_id.ok_or_else(missing)
    }

    fn result(&self, api: Api, answer: &Object) -> Result<Object, Error> {
        fields::object(answer, "result").ok_or_else(|| self.odd(api, "no result"))
    }

    /// A list that may be missing when it is empty, but may not be anything else.
    fn list(&self, api: Api, object: &Object, key: &str) -> Result<Vec<Object>, Error> {
        match object.get(key) {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::Array(entries)) if !entries.iter().all(Value::is_object) => {
                Err(self.odd(api, "a list with entries that aren't objects"))
            }
            Some(_) => fields::objects(object, key).ok_or_else(|| self.odd(api, "no list")),
        }
    }

    fn odd(&self, api: Api, said: &str) -> Error {
        self.error(api, &AttemptFailure::new(ErrorKind::Undecodable, said), None, None)
    }
}
