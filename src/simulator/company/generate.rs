//! Making a company from a seed.

use super::model::{Admin, Membership, Role};
use super::people::Hiring;
use super::{Company, ROOT, departments, names};
use crate::simulator::SimulatorConfig;
use crate::simulator::random::Random;

/// Everything needed to hire one more person later, with the same kind of data as the generated ones.
#[derive(Clone, Debug)]
pub(crate) struct Newcomer {
    hiring: Hiring,
}

impl Newcomer {
    /// Somebody new in these departments; the caller may change the record before it is put into the company.
    pub(crate) fn person(&mut self, dept_ids: &[i64], random: &mut Random) -> super::Person {
        let departments = dept_ids
            .iter()
            .map(|&dept_id| membership(random, dept_id, false))
            .collect();
        self.hiring.person(random, departments)
    }
}

/// The company of this configuration: exactly `users` people and `departments` departments (at least the root), plus
/// the home-school ones.
pub(crate) fn generate(config: &SimulatorConfig) -> (Company, Newcomer, Random) {
    let mut random = Random::new(config.seed ^ 0x6469_6e67);
    let mut company = Company::default();
    departments::grow(
        &mut company,
        &mut random,
        config.departments.max(1),
        &config.company_name,
    );
    let below: Vec<i64> = company
        .departments()
        .map(|d| d.dept_id)
        .filter(|id| *id > ROOT)
        .collect();
    let mut hiring = Hiring::default();
    for index in 0..config.users {
        let places = places(&company, &below, &mut random, index);
        let mut person = hiring.person(&mut random, places);
        if person.departments.iter().any(|membership| membership.leader) {
            person.title = Some((*random.pick(names::LEADER_TITLES)).to_owned());
            person.roles.push(role(4_065_312_371, "主管"));
        }
        if index == 0 {
            person.boss = true;
            person.senior = true;
            person.admin = Admin::Main;
            person.active = true;
            person.roles.push(role(4_065_312_368, "主管理员"));
            person.roles.push(role(4_065_312_370, "负责人"));
        } else if index < 4 {
            person.admin = Admin::Sub;
            person.roles.push(role(4_065_312_369, "子管理员"));
        }
        // One access-restricted colleague in about five hundred, and the hundredth in any case.
        person.restricted = index == 99 || random.chance(2) && index > 4;
        company.put_person(person);
    }
    managers(&mut company);
    (company, Newcomer { hiring }, random)
}

/// Where the `index`th person works: a few at the root itself, most in one department, some in two or three.
fn places(company: &Company, below: &[i64], random: &mut Random, index: usize) -> Vec<Membership> {
    if below.is_empty() || index < 2 {
        return vec![membership(random, ROOT, index == 0)];
    }
    // The first ones lead: one department each, so that most departments have somebody at their head.
    let first = below
        .get(index - 2)
        .copied()
        .filter(|_| index < 2 + below.len() * 9 / 10);
    let mut dept_ids = vec![first.unwrap_or_else(|| *random.pick(below))];
    if random.chance(130) {
        dept_ids.push(if random.chance(100) { ROOT } else { *random.pick(below) });
        if random.chance(250) {
            dept_ids.push(*random.pick(below));
        }
    } else if first.is_none() && random.chance(4) {
        dept_ids = vec![ROOT];
    }
    let mut places: Vec<Membership> = Vec::with_capacity(dept_ids.len());
    for dept_id in dept_ids {
        if places.iter().all(|place| place.dept_id != dept_id) {
            let leader = places.is_empty() && first.is_some() && company.leaders(dept_id).is_empty();
            places.push(membership(random, dept_id, leader));
        }
    }
    places
}

/// A place with an order as DingTalk gives them: about 1.76e17, so that a parser that goes through f64 is found out.
pub(crate) fn membership(random: &mut Random, dept_id: i64, leader: bool) -> Membership {
    let order = random.between(176_180_000_000_000_000, 176_400_000_000_000_000) | 1;
    Membership { dept_id, order, leader }
}

fn role(id: i64, name: &str) -> Role {
    Role {
        id,
        name: name.to_owned(),
        group_name: "默认".to_owned(),
    }
}

/// Gives most people the leader of their department, or of the next one above that has one, as their manager.
fn managers(company: &mut Company) {
    let people: Vec<_> = company.people_by_entry().into_iter().cloned().collect();
    for mut person in people {
        // One in eleven has none entered; the order of hiring decides, so no chance is used up.
        let Some(place) = person.departments.first().filter(|_| person.entry % 11 != 3) else {
            continue;
        };
        let above = company.ancestors(place.dept_id);
        let mut leaders = above
            .iter()
            .filter_map(|id| company.leaders(*id).first().map(|leader| leader.userid.clone()));
        if let Some(manager) = leaders.find(|userid| *userid != person.userid) {
            person.manager_userid = Some(manager);
            company.put_person(person);
        }
    }
}
