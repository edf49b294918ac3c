//! The members of one department: ids, names, or full records in pages.

use serde_json::{Value, json};

use super::departments::existing;
use super::views;
use crate::simulator::company::Person;
use crate::simulator::permissions::Permissions;
use crate::simulator::wire::{CallArgs, CallResult, Refusal, result};
use crate::simulator::world::World;

/// The largest page.
const LARGEST_PAGE: i64 = 100;
/// The largest cursor the official SDK lets pass.
const LARGEST_CURSOR: i64 = 100_000;

/// Ids of all direct members, access-restricted ones included. Ignores the scope.
pub(super) fn listid(world: &mut World, args: &CallArgs, _: &Permissions) -> CallResult {
    let dept_id = args.required_int("dept_id")?;
    existing(world, dept_id)?;
    let ids: Vec<&str> = world
        .company
        .members(dept_id)
        .map(|person| person.userid.as_str())
        .collect();
    Ok(result(json!({"userid_list": ids})))
}

/// Full records of direct members, paged. Obeys the scope.
pub(super) fn list(world: &mut World, args: &CallArgs, permissions: &Permissions) -> CallResult {
    let page = PageRequest::read(args, [40_035, 40_035])?;
    let show = |person: &Person| Some(views::listed(person, person.membership(page.dept_id)?, permissions));
    page.answer(world, show)
}

/// Ids and names of direct members, paged. Obeys the scope.
pub(super) fn listsimple(world: &mut World, args: &CallArgs, _: &Permissions) -> CallResult {
    let page = PageRequest::read(args, [40_068, 40_069])?;
    page.answer(world, |person| {
        Some(json!({"userid": person.userid, "name": person.name}))
    })
}

/// Which page of whose members.
struct PageRequest {
    dept_id: i64,
    cursor: usize,
    size: usize,
    order: MemberOrder,
    restricted: bool,
}

/// By `order_field`.
#[derive(Clone, Copy)]
enum MemberOrder {
    Custom,
    Entry { newest_first: bool },
    Modified { newest_first: bool },
}

impl PageRequest {
    /// `codes`: how a bad cursor and a bad size are refused.
    fn read(args: &CallArgs, codes: [i64; 2]) -> Result<Self, Refusal> {
        let dept_id = args.required_int("dept_id")?;
        if dept_id < 1 {
            return Err(args.bad("dept_id"));
        }

        let within = |name: &str, code: i64, low: i64, high: i64| {
            let args = args.refused_with(code);
            let value = args.required_int(name)?;
            usize::try_from(value)
                .ok()
                .filter(|_| (low..=high).contains(&value))
                .ok_or_else(|| args.bad(name))
        };
        let order = match args.text("order_field")?.as_deref() {
            None | Some("" | "custom") => MemberOrder::Custom,
            Some("entry_asc") => MemberOrder::Entry { newest_first: false },
            Some("entry_desc") => MemberOrder::Entry { newest_first: true },
            Some("modify_asc") => MemberOrder::Modified { newest_first: false },
            Some("modify_desc") => MemberOrder::Modified { newest_first: true },
            Some(_) => return Err(args.bad("order_field")),
        };

        Ok(Self {
            dept_id,
            cursor: within("cursor", codes[0], 0, LARGEST_CURSOR)?,
            size: within("size", codes[1], 1, LARGEST_PAGE)?,
            order,
            restricted: args.flag("contain_access_limit")?.unwrap_or(false),
        })
    }

    fn answer(&self, world: &World, show: impl Fn(&Person) -> Option<Value>) -> CallResult {
        world.scope.check_department(&world.company, self.dept_id)?;
        let members = world.company.members(self.dept_id);
        let mut members: Vec<&Person> = members.filter(|person| self.restricted || !person.restricted).collect();

        match self.order {
            MemberOrder::Custom => {}
            MemberOrder::Entry { .. } => members.sort_by_key(|person| person.entry),
            MemberOrder::Modified { .. } => members.sort_by_key(|person| person.modified),
        }
        if matches!(
            self.order,
            MemberOrder::Entry { newest_first: true } | MemberOrder::Modified { newest_first: true }
        ) {
            members.reverse();
        }

        let end = members.len().min(self.cursor.saturating_add(self.size));
        let page = members.get(self.cursor..end).unwrap_or_default();
        let list: Vec<Value> = page.iter().filter_map(|person| show(person)).collect();
        let mut body = json!({"has_more": end < members.len(), "list": list});
        if end < members.len() {
            // The cursor is an offset in reality too; it is left out on the last page.
            body["next_cursor"] = json!(end);
        }
        Ok(result(body))
    }
}
