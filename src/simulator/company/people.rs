//! Inventing people, with all the oddities of a directory that has been kept for years.

use std::collections::HashSet;

use super::model::{Admin, ExclusiveAccount, Membership, Person, Role};
use super::names;
use crate::simulator::random::Random;

/// Where the invented company's mail goes: a domain that can't exist (RFC 2606).
const MAIL: &str = "xingyao.example";

/// Remembers what is taken, so that what must be unique is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hiring {
    userids: HashSet<String>,
    mobiles: HashSet<String>,
    addresses: HashSet<String>,
    emails: Vec<String>,
    job_numbers: Vec<String>,
    hired: usize,
}

impl Hiring {
    /// A new person with these places.
    pub(crate) fn person(&mut self, random: &mut Random, departments: Vec<Membership>) -> Person {
        self.hired += 1;
        let (name, address) = self.name(random);
        let (email, org_email) = self.emails(random, &address);
        let roles = if random.chance(30) {
            vec![company_role(random)]
        } else {
            Vec::new()
        };
        let exclusive = random.chance(10).then(|| ExclusiveAccount {
            login_id: format!("{address}@xingyao"),
            nickname: name.clone(),
        });

        Person {
            userid: self.userid(random, &address),
            unionid: format!("{}iEiE", random.text(BASE62, 22)),
            name,
            avatar: sometimes(random, 400, 400, |random| {
                format!("https://static-legacy.example.com/media/{}.jpg", random.text(BASE62, 24))
            }),
            mobile: self.mobile(random),
            hide_mobile: random.chance(30),
            telephone: sometimes(random, 150, 100, |random| format!("010-86{}-{}", random.digits(6), random.digits(4))),
            job_number: self.job_number(random),
            title: sometimes(random, 900, 50, |random| (*random.pick(names::TITLES)).to_owned()),
            email,
            org_email,
            work_place: sometimes(random, 600, 200, |random| (*random.pick(names::PLACES)).to_owned()),
            remark: sometimes(random, 60, 300, |_| "外派至客户现场".to_owned()),
            extension: random.chance(200).then(|| {
                serde_json::json!({"爱好": random.pick(&["旅游", "摄影", "羽毛球"]), "年龄": random.between(22, 60).to_string()})
                    .to_string()
            }),
            // Days from 2012-01-01 on; DingTalk stores the midnight of China.
            hired_date: random.chance(920).then(|| random.between(15_340, 20_600) * 86_400_000 - 8 * 3_600_000),
            create_time: random.chance(300).then(|| {
                let (month, day) = (random.between(1, 13), random.between(1, 29));
                format!("2024-{month:02}-{day:02}T07:05:{:02}.000Z", random.below(60))
            }),
            active: random.chance(940),
            real_authed: random.chance(900),
            senior: random.chance(8),
            admin: Admin::No,
            boss: false,
            manager_userid: None,
            restricted: false,
            exclusive,
            roles,
            departments,
            entry: 0,
            modified: 0,
        }
    }

    /// A name and the local part of an address that nobody else has.
    fn name(&mut self, random: &mut Random) -> (String, String) {
        // The square of a fraction makes the common surnames common.
        let rank = random.below(names::SURNAMES.len()) * random.below(1000) / 1000;
        let (surname, surname_pinyin) = names::SURNAMES[rank];
        let (first, first_pinyin) = random.pick(names::GIVEN);
        let (mut name, mut pinyin) = (format!("{surname}{first}"), format!("{surname_pinyin}.{first_pinyin}"));
        if random.chance(650) {
            let (second, second_pinyin) = random.pick(names::GIVEN);
            name.push_str(second);
            pinyin.push_str(second_pinyin);
        }

        let mut address = pinyin.clone();
        let mut number = 1;
        while !self.addresses.insert(address.clone()) {
            number += 1;
            address = format!("{pinyin}{number}");
        }
        (name, address)
    }

    /// All the forms of userid that have been seen.
    fn userid(&mut self, random: &mut Random, address: &str) -> String {
        loop {
            let length = 15 + random.below(5);
            let candidate = match random.below(100) {
                0..10 => format!("manager{}", random.between(100, 10_000)),
                10..35 => format!("0{}", random.digits(length - 1)),
                35..45 => format!("{}-{}", random.digits(10), random.digits(10)),
                45..50 => format!("0{}-{}", random.digits(10), random.digits(9)),
                50..56 => address.replace('.', ""),
                _ => random.digits(length),
            };
            if self.userids.insert(candidate.clone()) {
                return candidate;
            }
        }
    }

    fn mobile(&mut self, random: &mut Random) -> String {
        loop {
            let prefix = *random.pick(&["135", "136", "138", "139", "150", "158", "177", "186", "188", "199"]);
            let candidate = format!("{prefix}{}", random.text(b"0123456789", 8));
            if self.mobiles.insert(candidate.clone()) {
                return candidate;
            }
        }
    }

    /// Mostly zero-padded numbers, some with letters, some duplicates, some cleared, some never entered.
    fn job_number(&mut self, random: &mut Random) -> Option<String> {
        match random.below(100) {
            0..7 => return None,
            7..10 => return Some(String::new()),
            10..12 if !self.job_numbers.is_empty() => return Some(random.pick(&self.job_numbers).clone()),
            _ => {}
        }

        let number = if random.chance(50) {
            format!("XY-{:05}", self.hired)
        } else {
            format!("{:08}", self.hired * 3)
        };
        self.job_numbers.push(number.clone());
        Some(number)
    }

    /// `email` and `org_email`: both, one, neither; upper case, cleared, or the same as somebody else's.
    fn emails(&mut self, random: &mut Random, address: &str) -> (Option<String>, Option<String>) {
        let own = format!("{address}@{MAIL}");
        let corporate = Some(format!("{address}@mail.{MAIL}"));

        match random.below(100) {
            0..6 => (None, None),
            6..10 => (Some(String::new()), None),
            10..15 => (None, corporate),
            15..17 if !self.emails.is_empty() => (Some(random.pick(&self.emails).clone()), None),
            17..21 => (Some(own.to_uppercase()), None),
            chance => {
                self.emails.push(own.clone());
                (Some(own), corporate.filter(|_| chance < 50))
            }
        }
    }
}

const BASE62: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// A value `present` times out of 1000, cleared `blank` times, else never entered.
fn sometimes(
    random: &mut Random,
    present: usize,
    blank: usize,
    value: impl FnOnce(&mut Random) -> String,
) -> Option<String> {
    match random.below(1000) {
        chance if chance < present => Some(value(random)),
        chance if chance < present + blank => Some(String::new()),
        _ => None,
    }
}

fn company_role(random: &mut Random) -> Role {
    let (group, name, id) = *random.pick(names::ROLES);
    Role {
        id,
        name: name.to_owned(),
        group_name: group.to_owned(),
    }
}
