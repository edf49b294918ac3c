//! Titles, each once, with who has it: a company has a few hundred.

use std::collections::BTreeMap;

use super::{query::Word, rank::Rank, top::Top};

/// Titles in their order.
#[derive(Debug, Default)]
pub(super) struct Titles {
    titles: Vec<String>,
    /// Who has each, in the records' order.
    holders: Vec<Vec<u32>>,
}

impl Titles {
    /// `holders` by title, in the records' order.
    pub(super) fn new(holders: BTreeMap<String, Vec<u32>>) -> Self {
        let (titles, holders) = holders.into_iter().unzip();
        Self { titles, holders }
    }

    /// Titles that match, with the part of them that does.
    pub(super) fn matching(&self, word: &Word) -> Vec<(Rank, u32)> {
        let titles = (0..).zip(&self.titles);
        let matching = titles.filter_map(|(number, title)| {
            let rank = if *title == word.text {
                Rank::TitleExact
            } else if title.starts_with(&word.text) {
                Rank::TitlePrefix
            } else if word.is_inside() && title.contains(&word.text) {
                Rank::TitleInside
            } else {
                return None;
            };
            Some((rank, number))
        });
        matching.collect()
    }

    pub(super) fn put(&self, matching: &[(Rank, u32)], rank: Rank, top: &mut Top<'_>) {
        for (_, title) in matching.iter().filter(|(it, _)| *it == rank) {
            for holder in self.holders(*title) {
                if top.refuses(rank, *holder) {
                    break;
                }
                top.put(rank, *holder);
            }
        }
    }

    pub(super) fn holders(&self, title: u32) -> &[u32] {
        &self.holders[title as usize]
    }
}
