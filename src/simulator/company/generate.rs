//! Making a company from a seed.

use std::collections::HashMap;

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
    let below = offices(&company);
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
            person.title = Some("总裁".to_owned());
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

/// The departments people work in: all below the root but a few leaves, which stay empty as some always are.
fn offices(company: &Company) -> Vec<i64> {
    let below = company.departments().filter(|department| department.dept_id > ROOT);
    let is_leaf = |id: i64| company.children(id).next().is_none();
    let kept = below
        .enumerate()
        .filter(|(index, department)| index % 23 != 22 || !is_leaf(department.dept_id));
    kept.map(|(_, department)| department.dept_id).collect()
}

/// Where somebody works: one department is large, so that its list has several pages; the others differ in size.
fn office(below: &[i64], random: &mut Random) -> i64 {
    if random.chance(80) {
        return below[below.len() / 2];
    }
    below[random.below(below.len()) * (200 + random.below(800)) / 1000]
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
    let mut dept_ids = vec![first.unwrap_or_else(|| office(below, random))];

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
    // Asked once for each department: a single department of 10,000 would be walked 10,000 times otherwise.
    let ids: Vec<i64> = company.departments().map(|department| department.dept_id).collect();
    let leader = |id: i64| company.leaders(id).first().map(|leader| (id, leader.userid.clone()));
    let leaders: HashMap<i64, String> = ids.into_iter().filter_map(leader).collect();
    let people: Vec<_> = company.people_by_entry().into_iter().cloned().collect();

    for mut person in people {
        // One in eleven has none entered; the order of hiring decides, so no chance is used up.
        let Some(place) = person.departments.first().filter(|_| person.entry % 11 != 3) else {
            continue;
        };

        let above = company.ancestors(place.dept_id);
        let manager = above
            .iter()
            .filter_map(|id| leaders.get(id))
            .find(|userid| **userid != person.userid);
        if let Some(manager) = manager {
            person.manager_userid = Some(manager.clone());
            company.put_person(person);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    fn company(users: usize, departments: usize, seed: u64) -> Company {
        generate(&SimulatorConfig {
            users,
            departments,
            seed,
            ..SimulatorConfig::default()
        })
        .0
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        #[test]
        fn any_company_keeps_the_rules_of_the_platform(users in 0usize..400, departments in 1usize..90, seed: u64) {
            let company = company(users, departments, seed);
            prop_assert_eq!(company.person_count(), users);
            prop_assert_eq!(company.department_count(), departments);

            let mut siblings = HashSet::new();
            for department in company.departments() {
                let length = department.name.chars().count();
                prop_assert!((1..=64).contains(&length) && !department.name.contains(['-', ',', '，']));
                prop_assert!(siblings.insert((department.parent_id, department.name.clone())), "60021");
                prop_assert!(company.ancestors(department.dept_id).ends_with(&[ROOT]));
            }

            let (mut mobiles, mut unionids) = (HashSet::new(), HashSet::new());
            for person in company.people() {
                prop_assert!((1..=3).contains(&person.departments.len()));
                let places: HashSet<i64> = person.dept_ids().into_iter().collect();
                prop_assert_eq!(places.len(), person.departments.len());
                for place in &person.departments {
                    prop_assert!(company.department(place.dept_id).is_some_and(|d| !d.is_home_school()));
                    prop_assert!(place.order > 1 << 53);
                }
                prop_assert!((1..=64).contains(&person.userid.len()));
                prop_assert!(mobiles.insert(&person.mobile) && unionids.insert(&person.unionid));
                prop_assert!(person.manager_userid.as_ref() != Some(&person.userid));
                prop_assert!(person.hired_date.is_none_or(|ms| (ms + 8 * 3_600_000) % 86_400_000 == 0), "midnight in China");
            }
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_company_and_another_seed_another() {
        let people = |seed| format!("{:?}", company(50, 9, seed).people_by_entry());
        assert_eq!(people(7), people(7));
        assert_ne!(people(7), people(8));
    }

    #[test]
    fn the_default_company_has_every_oddity() {
        let company = company(2_000, 120, 1);
        let some = |what: &str, test: &dyn Fn(&super::super::Person) -> bool| {
            assert!(company.people().any(test), "nobody: {what}");
        };

        some("userid with a leading zero", &|p| {
            p.userid.starts_with('0') && !p.userid.contains('-')
        });
        some("userid with a hyphen", &|p| p.userid.contains('-'));
        some("manager…", &|p| p.userid.starts_with("manager"));
        some("job number with a leading zero", &|p| {
            p.job_number.as_deref().is_some_and(|n| n.starts_with('0'))
        });
        some("no job number", &|p| p.job_number.is_none());
        some("cleared job number", &|p| p.job_number.as_deref() == Some(""));
        some("no email", &|p| p.email.is_none() && p.org_email.is_none());
        some("cleared email", &|p| p.email.as_deref() == Some(""));
        some("only the corporate email", &|p| {
            p.email.is_none() && p.org_email.is_some()
        });
        some("upper-case email", &|p| {
            p.email
                .as_deref()
                .is_some_and(|e| e.starts_with(|c: char| c.is_uppercase()))
        });
        some("three departments", &|p| p.departments.len() == 3);
        some("root member", &|p| p.dept_ids() == [ROOT]);
        some("inactive", &|p| !p.active);
        some("restricted", &|p| p.restricted);
        some("exclusive account", &|p| p.exclusive.is_some());
        some("extension", &|p| p.extension.is_some());
        some("create_time", &|p| p.create_time.is_some());
        some("unionid", &|p| p.unionid.ends_with("iEiE"));

        let repeated = |value: &dyn Fn(&super::super::Person) -> Option<String>| {
            let values: Vec<String> = company
                .people()
                .filter_map(value)
                .filter(|text| !text.is_empty())
                .collect();
            values.len() - values.iter().collect::<HashSet<_>>().len()
        };

        assert!(repeated(&|p| p.email.clone()) > 5, "duplicate emails");
        assert!(repeated(&|p| p.job_number.clone()) > 5, "duplicate job numbers");
        assert!(company.departments().any(|d| d.hide_dept) && company.departments().any(|d| d.outer_dept));
        assert!(
            company.departments().any(|d| company.ancestors(d.dept_id).len() > 5),
            "several levels"
        );

        assert_eq!(company.departments().filter(|d| d.is_home_school()).count(), 2);
        assert!(
            company.departments().any(|d| company.members(d.dept_id).count() > 100),
            "more than one page"
        );
        assert!(
            company
                .departments()
                .any(|d| d.dept_id > 0 && company.members(d.dept_id).count() == 0),
            "an empty one"
        );
    }
}
