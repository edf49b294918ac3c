//! A user in DingTalk's words: the table of their fields.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::{
    facts::{Field, FieldRules, contact, facts, open},
    field_group::FieldGroup::{Mobile, Personal},
    ids::UserId,
    membership::{
        Membership, dept_id_list, dept_order_list, leader_in_dept, put_dept_id_list, put_dept_order_list,
        put_leader_in_dept,
    },
    raw::Raw,
    shared_text::SharedText,
};

facts! {
    /// What `user/get` (or `user/list`) said of a user.
    ///
    /// `None` is "not said": the app lacks the permission, or there is no value. `Some("")` is "said to be empty".
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct UserFacts {
        /// `userid`.
        key userid: UserId,
        /// `unionid`: stable across the apps of one developer.
        unionid: Option<SharedText> = open().shown_as("unionId"),
        /// `name`.
        name: SharedText = open(),
        /// `avatar`, a URL.
        avatar: Option<SharedText> = open(),
        /// `state_code`, say "86".
        state_code: Option<SharedText> = contact().needs(Mobile).common(),
        /// `mobile`.
        mobile: Option<SharedText> = contact().needs(Mobile),
        /// `hide_mobile`.
        hide_mobile: Option<bool> = open(),
        /// `telephone`.
        telephone: Option<SharedText> = contact(),
        /// `job_number`, leading zeros significant, not unique.
        job_number: Option<SharedText> = open(),
        /// `title`.
        title: Option<SharedText> = open().common(),
        /// `email`.
        email: Option<SharedText> = contact().needs(Personal),
        /// `org_email`.
        org_email: Option<SharedText> = contact().needs(Personal),
        /// `work_place`.
        work_place: Option<SharedText> = open().needs(Personal).common(),
        /// `remark`.
        remark: Option<SharedText> = contact().needs(Personal),
        /// `extension`: JSON in a string, as it came.
        extension: Option<SharedText> = contact().needs(Personal),
        /// `hired_date`, ms since the epoch: midnight China time.
        hired_date: Option<i64> = open(),
        /// `active`: has logged in to DingTalk.
        active: Option<bool> = open(),
        /// `real_authed`.
        real_authed: Option<bool> = open().unlisted(),
        /// `senior`.
        senior: Option<bool> = open().unlisted(),
        /// `admin`.
        admin: Option<bool> = open(),
        /// `boss`.
        boss: Option<bool> = open(),
        /// `exclusive_account`.
        exclusive_account: Option<bool> = open(),
        /// `manager_userid`.
        manager_userid: Option<UserId> = open().unlisted().shown_as("manager"),
        /// The departments, sorted by `dept_id`, each once, home-school ones left out.
        memberships: Vec<Membership>,
        /// DingTalk's whole object, so that a field nobody mapped yet is not lost.
        raw: Raw,
    }

    also [
        // The departments come first: orders and leaders are put back to those that are there.
        Field::form(
            "dept_id_list", in_memberships(), has_same_departments,
            |it| dept_id_list(&it.memberships), |it, json| put_dept_id_list(&mut it.memberships, json)
        ),
        Field::form(
            "dept_order_list", in_memberships(), has_same_departments,
            |it| dept_order_list(&it.memberships), |it, json| put_dept_order_list(&mut it.memberships, json)
        ),
        Field::form(
            "leader_in_dept", in_memberships(), has_same_departments,
            |it| leader_in_dept(&it.memberships), |it, json| put_leader_in_dept(&mut it.memberships, json)
        ),
    ]
}

/// The rules of a form of the departments.
const fn in_memberships() -> FieldRules {
    open().shown_as("memberships")
}

fn has_same_departments(one: &UserFacts, other: &UserFacts) -> bool {
    one.memberships == other.memberships
}

impl UserFacts {
    /// Whether anything is said that only the user's own record says, and no list.
    pub fn is_from_record(&self) -> bool {
        let mut unlisted = Self::FIELDS.iter().filter(|field| !field.rules.is_listed);
        unlisted.any(|field| (field.is_said)(self))
    }

    /// Takes over from `former` what no list says.
    pub fn keep_unlisted(&mut self, former: &Self) {
        for field in Self::FIELDS.iter().filter(|field| !field.rules.is_listed) {
            (field.take)(self, former);
        }
    }

    /// Holds the same values where they are those of `known`, and so holds them once.
    pub fn share_with(&mut self, known: &Self) {
        if self.userid == known.userid {
            self.userid.clone_from(&known.userid);
        }
        for field in Self::FIELDS {
            if (field.is_same)(self, known) {
                (field.take)(self, known);
            }
        }
        if self.raw == known.raw {
            self.raw.clone_from(&known.raw);
        }
    }

    /// Holds texts once that many people have in common: those in `common`, where they are added.
    pub fn share_common(&mut self, common: &mut HashSet<SharedText>) {
        for field in Self::FIELDS.iter().filter(|field| field.rules.is_common) {
            let Some(text) = (field.text)(self) else { continue };
            match common.get(text) {
                Some(known) => *text = known.clone(),
                None => drop(common.insert(text.clone())),
            }
        }
    }
}
