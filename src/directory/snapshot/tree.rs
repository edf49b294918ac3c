//! The forest of the present departments, with every oddity of parent links resolved.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap, HashSet},
};

use crate::directory::{Department, DeptId};

/// Parents, levels and sorted children. Built anew when a department comes, goes or moves: a few thousand nodes, about
/// a millisecond.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    nodes: HashMap<DeptId, TreeNode>,
    roots: Vec<DeptId>,
    cyclic: Vec<DeptId>,
}

#[derive(Debug)]
struct TreeNode {
    parent: Option<DeptId>,
    level: u32,
    children: Vec<DeptId>,
}

/// What the tree needs of a department.
pub(crate) struct ParentLink {
    pub(crate) id: DeptId,
    pub(crate) parent: Option<DeptId>,
    pub(crate) order: Option<i64>,
}

impl ParentLink {
    pub(crate) fn of(department: &Department) -> Self {
        let facts = &department.facts;
        Self {
            id: facts.dept_id,
            parent: facts.parent_id,
            order: facts.order,
        }
    }
}

impl Tree {
    /// A forest of all `links`. A department becomes a top where its parent isn't among them, where it is the root, and
    /// where it is the smallest id of a circle of parents.
    pub(crate) fn build(links: impl Iterator<Item = ParentLink>) -> Self {
        let links: BTreeMap<DeptId, ParentLink> = links.map(|link| (link.id, link)).collect();
        let mut parents: BTreeMap<DeptId, Option<DeptId>> = links
            .values()
            .map(|link| {
                let parent = link
                    .parent
                    .filter(|parent| link.id != DeptId::ROOT && links.contains_key(parent));
                (link.id, parent)
            })
            .collect();
        let cyclic = break_circles(&mut parents);

        let mut nodes: HashMap<DeptId, TreeNode> = parents
            .iter()
            .map(|(&id, &parent)| {
                (
                    id,
                    TreeNode {
                        parent,
                        level: 0,
                        children: Vec::new(),
                    },
                )
            })
            .collect();

        let mut roots = Vec::new();
        for (&id, parent) in &parents {
            match parent.and_then(|parent| nodes.get_mut(&parent)) {
                Some(parent) => parent.children.push(id),
                None => roots.push(id),
            }
        }

        // Small orders first (the opposite of people); a department without one goes last.
        let place = |id: &DeptId| (links.get(id).and_then(|link| link.order).unwrap_or(i64::MAX), *id);
        roots.sort_by_key(|id| (Reverse(*id == DeptId::ROOT), place(id)));

        let mut level: Vec<DeptId> = roots.clone();
        let mut depth = 0;
        while !level.is_empty() {
            let mut next = Vec::new();
            for id in level {
                if let Some(node) = nodes.get_mut(&id) {
                    node.level = depth;
                    node.children.sort_by_key(place);
                    next.extend_from_slice(&node.children);
                }
            }
            level = next;
            depth += 1;
        }
        Self { nodes, roots, cyclic }
    }

    pub(crate) fn contains(&self, id: DeptId) -> bool {
        self.nodes.contains_key(&id)
    }

    pub(crate) fn roots(&self) -> &[DeptId] {
        &self.roots
    }

    /// Departments that are tops only because their parents form a circle.
    pub(crate) fn cyclic(&self) -> &[DeptId] {
        &self.cyclic
    }

    pub(crate) fn parent(&self, id: DeptId) -> Option<DeptId> {
        self.nodes.get(&id).and_then(|node| node.parent)
    }

    pub(crate) fn children(&self, id: DeptId) -> &[DeptId] {
        self.nodes.get(&id).map_or(&[], |node| &node.children)
    }

    pub(crate) fn level(&self, id: DeptId) -> u32 {
        self.nodes.get(&id).map_or(0, |node| node.level)
    }

    /// From the parent up to the top.
    pub(crate) fn upwards(&self, id: DeptId) -> impl Iterator<Item = DeptId> + use<'_> {
        std::iter::successors(self.parent(id), |id| self.parent(*id))
    }

    /// Everything below `id` in pre-order, with levels relative to it; nothing is computed before it is asked for.
    pub(crate) fn descendants(&self, id: DeptId, depth: Option<u32>) -> impl Iterator<Item = (DeptId, u32)> + use<'_> {
        let deepest = depth.unwrap_or(u32::MAX);
        let mut stack = Vec::new();
        if deepest > 0 {
            stack.push(self.children(id).iter());
        }

        std::iter::from_fn(move || {
            loop {
                let level = u32::try_from(stack.len()).unwrap_or(u32::MAX);
                match stack.last_mut()?.next() {
                    Some(&child) => {
                        if level < deepest {
                            stack.push(self.children(child).iter());
                        }
                        return Some((child, level));
                    }
                    None => {
                        stack.pop();
                    }
                }
            }
        })
    }

    /// Departments whose way to the top isn't the same in both trees.
    pub(crate) fn rerouted(&self, newer: &Self) -> HashSet<DeptId> {
        let mut rerouted = HashSet::new();
        let moved = self
            .nodes
            .keys()
            .chain(newer.nodes.keys())
            .filter(|id| self.contains(**id) != newer.contains(**id) || self.parent(**id) != newer.parent(**id));

        for &id in moved {
            if rerouted.insert(id) {
                rerouted.extend(self.descendants(id, None).map(|(id, _)| id));
                rerouted.extend(newer.descendants(id, None).map(|(id, _)| id));
            }
        }
        rerouted
    }
}

/// Cuts every circle at its smallest id, and tells where. DingTalk has no circles; half-read moves may look like one.
fn break_circles(parents: &mut BTreeMap<DeptId, Option<DeptId>>) -> Vec<DeptId> {
    let mut settled: HashSet<DeptId> = HashSet::with_capacity(parents.len());
    let mut cuts = Vec::new();

    for &start in parents.keys() {
        let mut path = Vec::new();
        let mut on_path = HashSet::new();
        let mut next = Some(start);
        while let Some(id) = next {
            if settled.contains(&id) {
                break;
            }
            if !on_path.insert(id) {
                let from = path.iter().position(|step| *step == id).unwrap_or(0);
                cuts.extend(path.get(from..).and_then(|circle| circle.iter().min().copied()));
                break;
            }
            path.push(id);
            next = parents.get(&id).copied().flatten();
        }
        settled.extend(path);
    }

    for cut in &cuts {
        parents.insert(*cut, None);
    }
    cuts.sort_unstable();
    cuts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(links: &[(i64, Option<i64>)]) -> Tree {
        Tree::build(links.iter().map(|&(id, parent)| ParentLink {
            id: DeptId(id),
            parent: parent.map(DeptId),
            order: None,
        }))
    }

    #[test]
    fn circles_orphans_and_self_parents_become_tops_and_nothing_hangs() {
        let tree = tree(&[
            (1, Some(9)),
            (2, Some(1)),
            (5, Some(6)),
            (6, Some(7)),
            (7, Some(5)),
            (8, Some(6)),
            (9, Some(9)),
            (10, Some(99)),
        ]);

        assert_eq!(tree.roots(), [1, 5, 9, 10].map(DeptId));
        assert_eq!(tree.cyclic(), [5, 9].map(DeptId));

        let below: Vec<_> = tree
            .descendants(DeptId(5), None)
            .map(|(id, level)| (id.0, level))
            .collect();
        assert_eq!(below, [(7, 1), (6, 2), (8, 3)]);
        assert_eq!(tree.descendants(DeptId(5), Some(1)).count(), 1);
        assert_eq!(tree.descendants(DeptId(5), Some(0)).count(), 0);
        assert_eq!(tree.level(DeptId(8)), 3);
    }

    #[test]
    fn a_chain_of_a_hundred_thousand_departments_costs_no_stack() {
        let links: Vec<_> = (1..=100_000).map(|id| (id, (id > 1).then_some(id - 1))).collect();
        let tree = tree(&links);
        assert_eq!(tree.level(DeptId(100_000)), 99_999);
        assert_eq!(tree.descendants(DeptId::ROOT, None).count(), 99_999);
    }
}
