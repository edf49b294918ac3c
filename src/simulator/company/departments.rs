//! Growing the department tree.

use std::collections::HashSet;

use super::model::Department;
use super::{Company, ROOT, names};
use crate::simulator::random::Random;

/// The deepest level; the root is level 0. Real companies rarely go further.
const DEEPEST: usize = 6;

/// Ids of the home-school directory as real tenants show them.
const HOME_SCHOOL: &[(i64, &str)] = &[(-7, "家校通讯录"), (-1, "学生家长")];

/// Adds the root, `count - 1` further departments and the home-school ones.
pub(super) fn grow(company: &mut Company, random: &mut Random, count: usize, company_name: &str) {
    company.put_department(department(random, ROOT, None, company_name, 0));
    let mut tree: Vec<(i64, usize)> = vec![(ROOT, 0)];
    let mut ids: HashSet<i64> = HashSet::from([ROOT]);
    let mut names: HashSet<(i64, String)> = HashSet::new();
    let divisions = (count / 8).clamp(3, names::DIVISIONS.len());

    for index in 1..count {
        let (parent, level) = if index <= divisions {
            (ROOT, 0)
        } else if index < divisions + DEEPEST {
            // One branch goes all the way down, so that depth is seen even in small companies.
            tree[index - 1]
        } else {
            let (id, level) = *random.pick(&tree);
            if level == 0 || level >= DEEPEST {
                tree[1 + random.below(divisions)]
            } else {
                (id, level)
            }
        };

        let dept_id = loop {
            let candidate = random.between(50_000_000, 1_000_000_000);
            if ids.insert(candidate) {
                break candidate;
            }
        };
        let above = company
            .department(parent)
            .map_or(String::new(), |above| above.name.clone());
        let name = name_below(random, &mut names, (parent, level, &above));

        // By default the order equals the id; where somebody dragged departments about it is small.
        let order = if random.chance(300) { index as i64 } else { dept_id };
        company.put_department(department(random, dept_id, Some(parent), &name, order));
        tree.push((dept_id, level + 1));
    }

    mark(company, &tree);
    for &(dept_id, name) in HOME_SCHOOL {
        company.put_department(department(random, dept_id, Some(ROOT), name, dept_id));
    }
}

/// A name nobody else below that parent (id, level, name) has: DingTalk refuses the same name twice there (60021).
fn name_below(
    random: &mut Random,
    taken: &mut HashSet<(i64, String)>,
    (parent, parent_level, parent_name): (i64, usize, &str),
) -> String {
    let pool: Vec<&str> = match parent_level {
        0 => names::DIVISIONS.iter().map(|(name, _)| *name).collect(),
        1 => sections(parent_name).to_vec(),
        2 => names::GROUPS.to_vec(),
        _ => names::TEAMS.to_vec(),
    };

    let start = if parent_level == 0 { 0 } else { random.below(pool.len()) };
    for name in pool.iter().cycle().skip(start).take(pool.len()) {
        if taken.insert((parent, (*name).to_owned())) {
            return (*name).to_owned();
        }
    }

    let mut number = 1;
    loop {
        number += 1;
        let name = format!("{}{number}", pool[start]);
        if taken.insert((parent, name.clone())) {
            return name;
        }
    }
}

/// What belongs below a division.
fn sections(division: &str) -> &'static [&'static str] {
    let known = names::DIVISIONS.iter().find(|(name, _)| *name == division);
    known.map_or(names::GROUPS, |(_, sections)| sections)
}

/// Marks at least one hidden and one outer department where there is one to mark.
fn mark(company: &mut Company, tree: &[(i64, usize)]) {
    let below: Vec<i64> = tree.iter().skip(1).map(|(id, _)| *id).collect();
    for (index, id) in below.iter().enumerate() {
        let (hide, outer) = (
            index % 47 == below.len().min(4) - 1,
            index % 61 == below.len().min(6) - 1,
        );
        if let Some(mut department) = company.department(*id).filter(|_| hide || outer).cloned() {
            department.hide_dept = hide;
            department.outer_dept = outer;
            company.put_department(department);
        }
    }
}

/// A department with the small things decided by chance.
pub(crate) fn department(
    random: &mut Random,
    dept_id: i64,
    parent_id: Option<i64>,
    name: &str,
    order: i64,
) -> Department {
    let create_dept_group = random.chance(600);
    Department {
        dept_id,
        parent_id,
        name: name.to_owned(),
        order,
        create_dept_group,
        auto_add_user: create_dept_group && random.chance(900),
        source_identifier: random.chance(60).then(|| format!("hr_{}", random.digits(6))),
        dept_group_chat_id: create_dept_group.then(|| format!("chat{}", random.text(b"0123456789abcdef", 32))),
        outer_dept: false,
        hide_dept: false,
        brief: String::new(),
        ext: random
            .chance(40)
            .then(|| format!("{{\"faceCount\":\"{}\"}}", random.below(200))),
    }
}
