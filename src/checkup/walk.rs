//! One walk: which calls are made, and in which order.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use futures_util::future::join_all;
use tokio::join;

use super::{
    calls::{Answer, ask, of_agent, of_failure, of_knocking, of_reading, of_sending, works},
    channels::EventChannels,
    check::Finding,
    fields,
    name::CheckName,
    sample,
    scope::contact_scope,
};
use crate::{
    catalogue::checks as said,
    dingtalk::{Client, Connection, Scopes, Trial},
    directory::{DeptId, Snapshot, UserId},
    problem::Problem,
    settings::{Api, Settings},
};

/// Calls that can't be made for good without an effect, or without a message that was sent: they are knocked at.
const KNOCKED_AT: [Api; 4] = [
    Api::GetSendProgress,
    Api::GetSendResult,
    Api::Recall,
    Api::CallBackFailedResult,
];

/// One walk.
pub(super) struct Walk {
    trial: Trial,
    settings: Settings,
    problems: Vec<Problem>,
    channels: EventChannels,
    /// Somebody whom the mirror has.
    known: Option<UserId>,
    found: Mutex<BTreeMap<CheckName, Finding>>,
}

impl Walk {
    /// Through `settings`, which are right but for `problems`.
    pub(super) fn of(
        client: &Client,
        mut settings: Settings,
        problems: Vec<Problem>,
        snapshot: &Snapshot,
        channels: EventChannels,
    ) -> Self {
        // What stood there before is not what was asked about.
        for api in Api::ALL {
            if problems.iter().any(|problem| problem.field() == api.field()) {
                settings.urls.remove(&api);
            }
        }

        let secret = settings.app_secret.as_ref();
        let trial = client.trial(Connection {
            app_key: settings.app_key.clone().unwrap_or_default(),
            app_secret: secret.map_or_else(|| "".into(), |secret| secret.value.clone()),
            agent_id: settings.agent_id.as_deref().and_then(|id| id.parse().ok()),
            urls: settings.urls.clone(),
            off: BTreeMap::new(),
        });
        let known = snapshot.users().find(|user| user.standing.is_present());

        Self {
            trial,
            problems,
            channels,
            known: known.map(|user| user.facts.userid.clone()),
            settings,
            found: Mutex::default(),
        }
    }

    /// Makes the calls.
    pub(super) async fn run(&self) {
        self.tell_of_what_is_not_called();
        let has_token = self.token().await;
        if has_token {
            let (scopes, ..) = join!(
                self.scopes(),
                self.sending(),
                self.mobile(),
                self.count(),
                self.knock_at(KNOCKED_AT.to_vec(), true),
                self.events(),
            );
            self.people(scopes).await;
        } else {
            // Which URLs are right can be proved all the same.
            let calls = Api::ALL.into_iter();
            let calls = calls.filter(|api| !matches!(api, Api::GetToken | Api::StreamOpen));
            join!(self.knock_at(calls.collect(), false), self.events());
            self.tell_of_what_needs_a_token();
        }
    }

    /// What was found, how many calls that took, and how many of them may be metered.
    pub(super) fn ended(self) -> (BTreeMap<CheckName, Finding>, u64, u32) {
        let (calls, metered) = (self.trial.calls(), self.trial.metered_calls());
        let found = self.found.into_inner().unwrap_or_else(PoisonError::into_inner);
        (found, calls, metered)
    }

    fn tell(&self, name: CheckName, finding: Finding) {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        // The first word counts: what is wrong with the form is not said once more by what comes of it.
        found.entry(name).or_insert(finding);
    }

    fn may_call(&self, api: Api) -> bool {
        self.settings.urls.contains_key(&api)
    }

    /// What is wrong with this field of the form.
    fn problem(&self, field: &str) -> Option<&Problem> {
        self.problems.iter().find(|problem| problem.field() == field)
    }

    /// Of calls without a URL: why.
    fn tell_of_what_is_not_called(&self) {
        for api in Api::ALL.into_iter().filter(|api| !self.may_call(*api)) {
            let field = api.field();
            let unusable = Finding::failed(said::CALL_UNUSABLE { field });
            let finding = match self.problem(field) {
                Some(problem) => unusable.caused_by(problem),
                None if self.settings.unused_urls.contains_key(&api) => unusable.remedied(self.settings.why_off(api)),
                None => Finding::skipped(said::CALL_OFF { field }),
            };

            match api {
                Api::GetToken => self.tell(CheckName::Token, finding.at("getTokenUrl")),
                Api::UserCount => {
                    self.tell(CheckName::UserCount, Finding::skipped(said::CALL_UNTESTED { field }));
                    self.tell(CheckName::Url(api), finding);
                }
                Api::AsyncSend => {
                    self.tell(CheckName::AgentId, Finding::skipped(said::AGENT_ID_UNTESTED {}));
                    self.tell(CheckName::Url(api), finding);
                }
                api => self.tell(CheckName::Url(api), finding),
            }
        }

        if let Some(problem) = self.problem("agentId") {
            let wrong = Finding::failed(said::AGENT_ID_REFUSED {}).caused_by(problem);
            self.tell(CheckName::AgentId, wrong);
        } else if self.settings.agent_id.is_none() {
            let missing = self.settings.incomplete(&["agentId"]);
            self.tell(
                CheckName::AgentId,
                Finding::failed(said::AGENT_ID_MISSING {}).remedied(missing),
            );
        }
    }

    /// Whether an access token is given.
    async fn token(&self) -> bool {
        let field = Api::GetToken.field();
        let unusable = Finding::failed(said::CALL_UNUSABLE { field });
        let wrong = ["appKey", "appSecret"]
            .into_iter()
            .find_map(|field| self.problem(field));
        if let Some(problem) = wrong {
            self.tell(CheckName::Token, unusable.caused_by(problem));
            return false;
        }

        let missing = self.settings.missing();
        let missing: Vec<&str> = ["appKey", "appSecret"]
            .into_iter()
            .filter(|field| missing.contains(field))
            .collect();
        if let Some(first) = missing.first() {
            let lacking = self.settings.incomplete(&missing);
            self.tell(CheckName::Token, unusable.remedied(lacking).at(first));
            return false;
        }
        if !self.may_call(Api::GetToken) {
            return false;
        }

        let answer = ask(self.trial.token()).await;
        let finding = match &answer {
            Ok(()) => works(Api::GetToken),
            Err(unanswered) => of_failure(Api::GetToken, unanswered),
        };
        self.tell(CheckName::Token, finding);
        answer.is_ok()
    }

    async fn scopes(&self) -> Option<Answer<Scopes>> {
        if !self.may_call(Api::AuthScopes) {
            return None;
        }
        let answer = ask(self.trial.session().auth_scopes()).await;
        self.tell(CheckName::Url(Api::AuthScopes), of_reading(Api::AuthScopes, &answer));
        Some(answer)
    }

    async fn sending(&self) {
        if self.may_call(Api::AsyncSend) {
            let answer = ask(self.trial.send_nothing()).await;
            self.tell(CheckName::Url(Api::AsyncSend), of_sending(&answer));
            self.tell(CheckName::AgentId, of_agent(&answer));
        }
    }

    async fn mobile(&self) {
        if self.may_call(Api::UserGetByMobile) {
            let answer = ask(self.trial.look_up_nobody()).await;
            let finding = of_reading(Api::UserGetByMobile, &answer);
            self.tell(CheckName::Url(Api::UserGetByMobile), finding);
        }
    }

    async fn count(&self) {
        if !self.may_call(Api::UserCount) {
            return;
        }
        let answer = ask(self.trial.session().user_count(false)).await;
        self.tell(CheckName::Url(Api::UserCount), of_reading(Api::UserCount, &answer));

        let field = Api::UserCount.field();
        self.tell(
            CheckName::UserCount,
            match answer {
                Ok(counted) => Finding::passed(said::PEOPLE_COUNTED { counted }),
                Err(_) => Finding::skipped(said::CALL_UNTESTED { field }),
            },
        );
    }

    async fn knock_at(&self, calls: Vec<Api>, has_token: bool) {
        let calls = calls.into_iter().filter(|api| self.may_call(*api));
        join_all(calls.map(|api| async move {
            let answer = ask(self.trial.knock(api)).await;
            self.tell(CheckName::Url(api), of_knocking(api, &answer, has_token));
        }))
        .await;
    }

    /// Whether changes arrive by themselves.
    async fn events(&self) {
        let url = CheckName::Url(Api::StreamOpen);
        let has_credentials = self.settings.app_key.is_some() && self.settings.app_secret.is_some();
        let mut is_open = false;
        if self.may_call(Api::StreamOpen) && has_credentials {
            let answer = ask(self.trial.stream_ticket()).await;
            is_open = answer.is_ok();
            self.tell(url, of_reading(Api::StreamOpen, &answer));
        } else {
            let field = Api::StreamOpen.field();
            self.tell(url, Finding::skipped(said::CALL_UNTESTED { field }));
        }

        let finding = match self.channels {
            EventChannels { stream: true, .. } if is_open => Finding::passed(said::EVENTS_BY_STREAM {}),
            EventChannels { pushes: true, .. } => Finding::limited(said::EVENTS_BY_PUSH {}),
            EventChannels { stream: true, .. } => Finding::limited(said::EVENTS_BROKEN {}),
            EventChannels { .. } => Finding::limited(said::EVENTS_BY_SYNC {}).remedied(said::SWITCH_EVENTS_ON {}),
        };
        self.tell(CheckName::Events, finding);
    }

    /// A department and its people, within the scope.
    async fn people(&self, scopes: Option<Answer<Scopes>>) {
        let (departments, single) = match &scopes {
            Some(Ok(scopes)) => (&scopes.departments[..], &scopes.users[..]),
            _ => (&[][..], &[][..]),
        };
        let start = departments.first().copied().unwrap_or(DeptId::ROOT);
        let lists = self.may_call(Api::UserList);
        let sample = sample::take(self.trial.session(), start, lists, self.known.clone(), single).await;

        let found = [
            (
                Api::DepartmentListSub,
                of_reading(Api::DepartmentListSub, &sample.children),
            ),
            (Api::DepartmentGet, of_reading(Api::DepartmentGet, &sample.department)),
            (Api::UserListId, of_reading(Api::UserListId, &sample.members)),
            (Api::UserGet, of_reading(Api::UserGet, &sample.record)),
        ];
        let listed = sample
            .page
            .as_ref()
            .map(|page| (Api::UserList, of_reading(Api::UserList, page)));
        for (api, finding) in found.into_iter().chain(listed) {
            self.tell(CheckName::Url(api), finding);
        }

        let method = self.settings.matching_method;
        let scope = contact_scope(scopes.as_ref(), &sample.children);
        self.tell(CheckName::ContactScope, scope);
        self.tell(CheckName::FieldEmail, fields::emails(&sample.people, method));
        self.tell(CheckName::FieldMobile, fields::mobiles(&sample.people));
        self.tell(CheckName::FieldJobNumber, fields::job_numbers(&sample.people, method));
    }

    /// What can't be looked at without a token.
    fn tell_of_what_needs_a_token(&self) {
        let field = Api::UserCount.field();
        self.tell(CheckName::AgentId, Finding::skipped(said::AGENT_ID_UNTESTED {}));
        self.tell(CheckName::ContactScope, Finding::skipped(said::SCOPE_UNTESTED {}));
        self.tell(CheckName::UserCount, Finding::skipped(said::CALL_UNTESTED { field }));
        for name in [CheckName::FieldEmail, CheckName::FieldMobile, CheckName::FieldJobNumber] {
            self.tell(name, Finding::skipped(said::NOBODY_LOOKED_AT {}));
        }
    }
}
