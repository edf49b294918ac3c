//! The forest of the present departments, with every oddity of parent links resolved.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap, HashSet},
    ops::{Bound, Range},
};

use super::tree_place::{MOST_STEPS, TreePlace, UNORDERED};
use crate::directory::{Department, DeptId};

/// Parents, levels and sorted children. Built anew when a department comes, goes or moves: a few thousand nodes, about
/// a millisecond.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    nodes: HashMap<DeptId, TreeNode>,
    /// Every department with its level: one stands before its children, siblings in DingTalk's order.
    preorder: Vec<(DeptId, u32)>,
    roots: Vec<DeptId>,
    cyclic: Vec<DeptId>,
}

#[derive(Debug)]
struct TreeNode {
    parent: Option<DeptId>,
    level: u32,
    order: i64,
    /// Where it stands in `preorder`.
    place: usize,
    /// Behind everything below it.
    end: usize,
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
                        order: links.get(&id).and_then(|link| link.order).unwrap_or(UNORDERED),
                        place: 0,
                        end: 0,
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
        let place = |id: &DeptId| (links.get(id).and_then(|link| link.order).unwrap_or(UNORDERED), *id);
        roots.sort_by_key(|id| (Reverse(*id == DeptId::ROOT), place(id)));

        for node in nodes.values_mut() {
            node.children.sort_by_key(place);
        }
        let preorder = number(&mut nodes, &roots);
        Self {
            nodes,
            preorder,
            roots,
            cyclic,
        }
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
        let below = self.below(id);
        self.within(below, self.level(id), depth)
    }

    /// A part of the pre-order, no deeper than `depth` steps below a level, with levels relative to that.
    pub(crate) fn within(
        &self,
        part: Range<usize>,
        top: u32,
        depth: Option<u32>,
    ) -> impl DoubleEndedIterator<Item = (DeptId, u32)> + use<'_> {
        let deepest = depth.unwrap_or(u32::MAX);
        let part = self.preorder.get(part).unwrap_or_default().iter();
        part.map(move |(id, level)| (*id, level - top))
            .filter(move |(_, level)| *level <= deepest)
    }

    /// Where everything below `id` stands in the pre-order.
    pub(crate) fn below(&self, id: DeptId) -> Range<usize> {
        self.nodes.get(&id).map_or(0..0, |node| node.place + 1..node.end)
    }

    /// Where `id` stands in the pre-order.
    pub(crate) fn place(&self, id: DeptId) -> Option<usize> {
        self.nodes.get(&id).map(|node| node.place)
    }

    /// Who stands there in the pre-order.
    pub(crate) fn at(&self, place: usize) -> Option<DeptId> {
        self.preorder.get(place).map(|(id, _)| *id)
    }

    /// The whole pre-order.
    pub(crate) fn everything(&self) -> Range<usize> {
        0..self.preorder.len()
    }

    /// Whether `id` is `top` or below it.
    pub(crate) fn is_in(&self, id: DeptId, top: DeptId) -> bool {
        match (self.nodes.get(&id), self.nodes.get(&top)) {
            (Some(node), Some(top)) => (top.place..top.end).contains(&node.place),
            _ => false,
        }
    }

    /// The way down to `id`, as far as it is told; from below `top`, or from a top of the forest.
    pub(crate) fn path(&self, id: DeptId, top: Option<DeptId>) -> TreePlace {
        let step = |id: DeptId| (self.nodes.get(&id).map_or(UNORDERED, |node| node.order), id.0);
        let upwards = std::iter::once(id).chain(self.upwards(id));
        let mut path: Vec<_> = upwards.take_while(|id| Some(*id) != top).map(step).collect();
        path.reverse();
        path.truncate(MOST_STEPS);
        TreePlace { path, id: id.0 }
    }

    /// How many children of `parent` have an order of their own. They stand in front.
    pub(crate) fn ordered_children(&self, parent: DeptId) -> usize {
        let is_ordered = |id: &DeptId| self.nodes.get(id).is_some_and(|node| node.order != UNORDERED);
        self.children(parent).partition_point(is_ordered)
    }

    /// How many children of `parent` stand in front of a place; `and_it`: or there.
    pub(crate) fn rank(&self, parent: DeptId, place: &TreePlace, and_it: bool) -> usize {
        let Some(wanted) = place.path.first().copied() else {
            return 0;
        };
        let step = |id: &DeptId| (self.nodes.get(id).map_or(UNORDERED, |node| node.order), id.0);
        self.children(parent)
            .partition_point(|id| step(id) < wanted || (and_it && step(id) == wanted))
    }

    /// Where a place is in the pre-order now, and whether a department stands there: if none does, what stood behind it
    /// begins there.
    pub(crate) fn find(&self, place: &TreePlace, top: Option<DeptId>) -> (usize, bool) {
        let id = DeptId(place.id);
        // Deeper than paths tell: by its id, if it is still there.
        if place.path.len() >= MOST_STEPS
            && let Some(node) = self.nodes.get(&id)
            && top.is_none_or(|top| self.is_in(id, top))
        {
            return (node.place, true);
        }

        let (mut siblings, mut end) = match top {
            None => (self.roots.as_slice(), self.preorder.len()),
            Some(top) => (self.children(top), self.nodes.get(&top).map_or(0, |node| node.end)),
        };
        let mut found = top.and_then(|top| self.place(top)).unwrap_or(0);
        let rank = |id: DeptId, order: i64, is_top: bool| (Reverse(is_top && id == DeptId::ROOT), order, id.0);

        for (depth, (order, id)) in place.path.iter().enumerate() {
            let is_top = depth == 0 && top.is_none();
            let wanted = rank(DeptId(*id), *order, is_top);
            let rank_of = |id: DeptId| rank(id, self.nodes.get(&id).map_or(UNORDERED, |node| node.order), is_top);

            let at = siblings.partition_point(|id| rank_of(*id) < wanted);
            let Some(node) = siblings.get(at).and_then(|id| Some((*id, self.nodes.get(id)?))) else {
                return (end, false);
            };
            if rank_of(node.0) != wanted {
                return (node.1.place, false);
            }
            (found, end, siblings) = (node.1.place, node.1.end, &node.1.children);
        }
        (found, true)
    }

    /// The part of the pre-order that lies between two places.
    pub(crate) fn between(
        &self,
        part: Range<usize>,
        top: Option<DeptId>,
        from: Bound<&TreePlace>,
        to: Bound<&TreePlace>,
    ) -> Range<usize> {
        let start = match from {
            Bound::Unbounded => part.start,
            Bound::Included(place) => self.find(place, top).0,
            Bound::Excluded(place) => {
                let (at, is_there) = self.find(place, top);
                at + usize::from(is_there)
            }
        };
        let end = match to {
            Bound::Unbounded => part.end,
            Bound::Excluded(place) => self.find(place, top).0,
            Bound::Included(place) => {
                let (at, is_there) = self.find(place, top);
                at + usize::from(is_there)
            }
        };
        let start = start.clamp(part.start, part.end);
        start..end.clamp(start, part.end)
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

/// Numbers everything in pre-order, without recursion: a chain may be long.
fn number(nodes: &mut HashMap<DeptId, TreeNode>, roots: &[DeptId]) -> Vec<(DeptId, u32)> {
    let mut preorder = Vec::with_capacity(nodes.len());
    // Whoever is met for the second time has everything below them numbered.
    let mut left: Vec<(DeptId, u32, bool)> = roots.iter().rev().map(|id| (*id, 0, false)).collect();
    while let Some((id, level, is_left)) = left.pop() {
        let Some(node) = nodes.get_mut(&id) else { continue };
        if is_left {
            node.end = preorder.len();
            continue;
        }

        node.level = level;
        node.place = preorder.len();
        preorder.push((id, level));
        left.push((id, level, true));
        left.extend(node.children.iter().rev().map(|id| (*id, level + 1, false)));
    }
    preorder
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
