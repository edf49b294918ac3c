//! A user.

use async_graphql::{Context, ID};
use chrono::FixedOffset;

use super::{
    change_list::{self, ChangeConnection, ChangeOrder},
    membership::{self, MembershipConnection},
    objects::{Department, User},
    order::UserOrder,
    reports::{self, ReportCount},
    user_connection::UserConnection,
};
use crate::directory::RecordId;
use crate::graphql::{
    enums::{GoneCause, RecordState},
    error::ApiError,
    identity::known::{self, KnownIdentityConnection},
    relay::paging::PageArgs,
    scalars::{BigInt, DateTime, Json},
    services::ContextExt,
    walk::{WalkContext, walked},
};

walked! {
    /// A person (员工) of the company. A null field is one that DingTalk did not say: the app lacks the permission, or
    /// there is no value; an empty text is a value that DingTalk said to be empty.
    type User = User;

    /// Global id, for `node`.
    fn id(&self) -> ID {
        self.global_id()
    }

    /// DingTalk's `userid`: opaque text, unique in the company, leading zeros significant.
    fn user_id(&self) -> &str {
        self.record.facts.userid.as_str()
    }

    /// DingTalk's `unionid`: stable across the apps of one developer.
    fn union_id(&self) -> Option<&str> {
        self.record.facts.unionid.as_deref()
    }

    /// The name.
    fn name(&self) -> &str {
        &self.record.facts.name
    }

    /// URL of the picture; empty for the default one.
    fn avatar(&self) -> Option<&str> {
        self.record.facts.avatar.as_deref()
    }

    /// The position.
    fn title(&self) -> Option<&str> {
        self.record.facts.title.as_deref()
    }

    /// The job number (工号): leading zeros significant, not necessarily unique.
    fn job_number(&self) -> Option<&str> {
        self.record.facts.job_number.as_deref()
    }

    /// Where the person works.
    fn work_place(&self) -> Option<&str> {
        self.record.facts.work_place.as_deref()
    }

    /// A remark of the administrators. Needs `directory:contact`.
    #[needs(DirectoryContact)]
    fn remark(&self) -> Option<&str> {
        self.record.facts.remark.as_deref()
    }

    /// The office telephone. Needs `directory:contact`.
    #[needs(DirectoryContact)]
    fn telephone(&self) -> Option<&str> {
        self.record.facts.telephone.as_deref()
    }

    /// The personal email address. Needs `directory:contact`, and DingTalk's permission 邮箱等个人信息.
    #[needs(DirectoryContact)]
    fn email(&self) -> Option<&str> {
        self.record.facts.email.as_deref()
    }

    /// The company's email address. Needs `directory:contact`, and DingTalk's permission 邮箱等个人信息.
    #[needs(DirectoryContact)]
    fn org_email(&self) -> Option<&str> {
        self.record.facts.org_email.as_deref()
    }

    /// The mobile number. Needs `directory:contact`, and DingTalk's permission 企业员工手机号信息.
    #[needs(DirectoryContact)]
    fn mobile(&self) -> Option<&str> {
        self.record.facts.mobile.as_deref()
    }

    /// Country code of the mobile number, say "86". Needs `directory:contact`.
    #[needs(DirectoryContact)]
    fn state_code(&self) -> Option<&str> {
        self.record.facts.state_code.as_deref()
    }

    /// Whether colleagues don't see the mobile number.
    fn hide_mobile(&self) -> Option<bool> {
        self.record.facts.hide_mobile
    }

    /// Whether the person has ever logged in to DingTalk.
    fn active(&self) -> Option<bool> {
        self.record.facts.active
    }

    /// Whether the person's identity was verified by DingTalk.
    fn real_authed(&self) -> Option<bool> {
        self.record.facts.real_authed
    }

    /// Whether the person is in the executives' mode (高管模式).
    fn senior(&self) -> Option<bool> {
        self.record.facts.senior
    }

    /// Whether the person administers the company in DingTalk.
    fn admin(&self) -> Option<bool> {
        self.record.facts.admin
    }

    /// Whether the person is the company's boss in DingTalk.
    fn boss(&self) -> Option<bool> {
        self.record.facts.boss
    }

    /// Whether it is an account of the company (企业账号).
    fn exclusive_account(&self) -> Option<bool> {
        self.record.facts.exclusive_account
    }

    /// The date of joining, `YYYY-MM-DD` in China's time.
    fn hired_date(&self) -> Option<String> {
        self.record.facts.hired_date.and_then(china_date)
    }

    /// Fields of the company's own (`extension`): an object, or the text where it is no JSON. Needs
    /// `directory:contact`.
    #[needs(DirectoryContact)]
    fn extension(&self) -> Option<Json> {
        let text = self.record.facts.extension.as_ref()?;
        Some(Json(
            serde_json::from_str(text).unwrap_or_else(|_| text.as_str().into()),
        ))
    }

    /// The direct manager, where the mirror has them; null where they have left. Needs `directory:read`.
    #[needs(DirectoryRead)]
    fn manager(&self) -> Option<User> {
        let manager = User::find(&self.snapshot, self.record.facts.manager_userid.as_ref()?.as_str());
        manager.filter(|user| user.record.standing.is_present())
    }

    /// The managers above the person who are present: the direct one first, each once, at most 200. Where managers form
    /// a circle it ends before it would come to somebody again, and `managementIsCircular` says so. Needs
    /// `directory:read`.
    #[needs(DirectoryRead)]
    #[tags("items:10")]
    fn management_chain(&self) -> Option<Vec<User>> {
        Some(reports::management_chain(self))
    }

    /// Whether `managementChain` was cut because the managers above the person form a circle. Needs `directory:read`.
    #[needs(DirectoryRead)]
    fn management_is_circular(&self) -> Option<bool> {
        Some(reports::is_in_circle(self))
    }

    /// The present people whose direct manager the person is. Needs `directory:read`.
    #[needs(DirectoryRead)]
    #[tags("heavy:orderBy")]
    fn direct_reports(
        &self,
        #[desc("In which order; without it by `userId`. DINGTALK is none of these.")] order_by: Option<UserOrder>,
        #[desc("How many from the front, 1 to 500; 50 if neither `first` nor `last` is given.")] first: Option<i32>,
        #[desc("Only those behind this cursor.")] after: Option<String>,
        #[desc("How many from the end, 1 to 500.")] last: Option<i32>,
        #[desc("Only those in front of this cursor.")] before: Option<String>,
    ) -> Option<Result<UserConnection, ApiError>> {
        let page = PageArgs::new(first, after, last, before);
        Some(reports::direct_reports(self, order_by.as_ref(), &page))
    }

    /// How many people report to the person. Needs `directory:read`.
    #[needs(DirectoryRead)]
    fn report_count(&self) -> Option<ReportCount> {
        Some(reports::report_count(self))
    }

    /// The person's departments that the mirror has, `primaryDepartment` first and the others by `deptId`;
    /// `memberships` tells the person's place in them. Needs `directory:read`.
    #[needs(DirectoryRead)]
    #[tags("items:5")]
    fn departments(&self) -> Option<Vec<Department>> {
        Some(reports::departments(self))
    }

    /// The department to name beside the person. DingTalk names none: it is one that is not gone, rather one that the
    /// person leads, then the one with the largest `order` of theirs, then the smallest `deptId`. Needs
    /// `directory:read`.
    #[needs(DirectoryRead)]
    fn primary_department(&self) -> Option<Department> {
        reports::primary_department(self)
    }

    /// The person's departments, by `deptId`. Needs `directory:read`: from here the way leads to everybody.
    #[needs(DirectoryRead)]
    fn memberships(
        &self,
        #[desc("How many from the front, 1 to 500; 20 if neither `first` nor `last` is given.")] first: Option<i32>,
        #[desc("Only those behind this cursor.")] after: Option<String>,
        #[desc("How many from the end, 1 to 500.")] last: Option<i32>,
        #[desc("Only those in front of this cursor.")] before: Option<String>,
    ) -> Option<Result<MembershipConnection, ApiError>> {
        let page = PageArgs::new(first, after, last, before);
        Some(membership::of_user(self, &page))
    }

    /// The Confluence identities that were last found to be this person, among those that were asked for or linked by
    /// hand. Needs `identity:read` and `directory:read`.
    #[needs(IdentityRead, DirectoryRead)]
    fn confluence_identities(
        &self,
        ctx: &WalkContext<'_>,
        #[desc("How many from the front, 1 to 500; 20 if neither `first` nor `last` is given.")] first: Option<i32>,
        #[desc("Only those behind this cursor.")] after: Option<String>,
        #[desc("How many from the end, 1 to 500.")] last: Option<i32>,
        #[desc("Only those in front of this cursor.")] before: Option<String>,
    ) -> Option<Result<KnownIdentityConnection, ApiError>> {
        let userid = self.record.facts.userid.as_str();
        let page = PageArgs::new(first, after, last, before);
        Some(known::of_user(ctx, userid, &page))
    }

    /// Whether the person still stands in the company.
    fn state(&self) -> RecordState {
        self.record.standing.state.into()
    }

    /// Why the person is gone, or, while HELD, would be once that is approved; null while ACTIVE.
    fn gone_cause(&self) -> Option<GoneCause> {
        self.record.standing.cause.map(Into::into)
    }

    /// The mirror's revision that last changed the person.
    fn revision(&self) -> BigInt {
        BigInt(self.record.standing.revision)
    }

    /// When the mirror first saw the person.
    fn first_seen(&self) -> DateTime {
        self.record.standing.first_seen.into()
    }

    /// When the mirror saw the person at the time of the last change.
    fn last_seen(&self) -> DateTime {
        self.record.standing.last_seen.into()
    }

    /// When DingTalk last said what the mirror has of the person: by a list of the department (which tells neither the
    /// manager nor the roles), by the person's own record, or by an event that changed something. As of the past: when
    /// they had changed last by then.
    fn last_verified_at(&self, ctx: &WalkContext<'_>) -> DateTime {
        self.verified_at(ctx.services()).into()
    }

    /// DingTalk's whole object, as it came; null as of the past, where it has changed since. Needs `directory:read` and
    /// `directory:contact`, for it has what either opens.
    #[needs(DirectoryRead, DirectoryContact)]
    fn raw(&self) -> Option<Json> {
        Some(Json(self.record.facts.raw.value()))
    }

    waits
    /// What the change feed has about the person, oldest first; as of the past, too, all of it up to now. Needs
    /// `directory:read`.
    #[tags("asks")]
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[desc("How many from the front, 1 to 500; 20 if neither `first` nor `last` is given.")] first: Option<i32>,
        #[desc("Only those behind this cursor.")] after: Option<String>,
        #[desc("How many from the end, 1 to 500.")] last: Option<i32>,
        #[desc("Only those in front of this cursor.")] before: Option<String>,
        #[desc("In which order.")] #[default(ChangeOrder::OldestFirst)] order_by: Option<ChangeOrder>,
    ) -> Option<Result<ChangeConnection, ApiError>> {
        let args = PageArgs::new(first, after, last, before);
        Some(change_list::of_record(ctx, RecordId::User(self.record.facts.userid.clone()), order_by, &args).await)
    }
}

/// DingTalk stores a date as midnight in China: read as UTC it would be the day before.
fn china_date(milliseconds: i64) -> Option<String> {
    let china = FixedOffset::east_opt(8 * 3_600)?;
    let at = chrono::DateTime::from_timestamp_millis(milliseconds)?;
    Some(at.with_timezone(&china).format("%Y-%m-%d").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hired_date_is_the_day_in_china() {
        assert_eq!(china_date(1_544_976_000_000).as_deref(), Some("2018-12-17"));
        assert_eq!(china_date(i64::MAX), None);
    }
}
