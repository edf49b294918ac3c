//! Laying what was typed along the units of a name: characters as they are, sounds in full, in part, or by a letter.

use super::name::is_typed;

/// How a name was spelled by what was typed; the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Form {
    /// Each unit in full.
    Complete,
    /// The last one is still being typed.
    Typing,
    /// Others are cut short, too: `ww` for 王伟.
    Abbreviated,
}

/// A spelled name, as what is typed is laid along it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lattice<'a> {
    pub(super) sound: &'a [u8],
    pub(super) starts: u64,
    /// What each unit is written as, where anybody asks: a typed word has letters alone.
    pub(super) heads: &'a [char],
}

/// How much of a unit was typed: letters of its sound, or the character itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) unit: usize,
    pub(super) taken: usize,
    pub(super) is_head: bool,
}

/// Lays typed characters along names. Holds what a try needs, so that thousands of tries take no memory.
pub(super) struct Aligner {
    /// For each letter of the sound: bit `n` says that character `n` was tried there in vain.
    failed: [u64; 64],
    /// The way that led to the end.
    pub(super) steps: Vec<Step>,
}

impl<'a> Lattice<'a> {
    /// Where the unit that begins at `at` ends.
    fn end(&self, at: usize) -> usize {
        let behind = self.starts & (u64::MAX << at) << 1;
        (behind.trailing_zeros() as usize).min(self.sound.len())
    }

    /// The unit that begins at `at`.
    pub(super) fn unit(&self, at: usize) -> &'a [u8] {
        &self.sound[at..self.end(at)]
    }

    /// The places in the sound where units begin, with their numbers.
    pub(super) fn places(self) -> impl Iterator<Item = (usize, usize)> + use<'a> {
        let mut rest = self.starts;
        std::iter::from_fn(move || {
            let at = rest.trailing_zeros() as usize;
            (rest != 0).then(|| {
                rest &= rest - 1;
                at
            })
        })
        .enumerate()
    }

    /// Whether plain letters are what the name sounds like from `at` on. `None`: they are not, or cut units short.
    pub(super) fn plain(&self, at: usize, typed: &[u8]) -> Option<Form> {
        if !self.sound[at..].starts_with(typed) {
            return None;
        }
        let end = at + typed.len();
        Some(if end == self.sound.len() || self.starts >> end & 1 == 1 {
            Form::Complete
        } else {
            Form::Typing
        })
    }
}

impl Aligner {
    pub(super) fn new() -> Self {
        Self {
            failed: [0; 64],
            steps: Vec::with_capacity(64),
        }
    }

    /// The best way to lay `typed` along the units from number `unit` on, which begins at `at`. Afterwards `steps` is
    /// that way.
    pub(super) fn align(&mut self, lattice: Lattice<'_>, unit: usize, at: usize, typed: &[char]) -> Option<Form> {
        // Nearly all places end here.
        if typed
            .first()
            .is_some_and(|first| is_typed(*first) && char::from(lattice.sound[at]) != *first)
        {
            return None;
        }
        if let Some(form) = self.in_full(lattice, unit, at, typed) {
            return Some(form);
        }
        self.cut_short(lattice, unit, at, typed).then_some(Form::Abbreviated)
    }

    /// Without cutting short any unit but the last.
    fn in_full(&mut self, lattice: Lattice<'_>, mut unit: usize, mut at: usize, typed: &[char]) -> Option<Form> {
        self.steps.clear();
        let mut rest = typed;
        while let Some(&next) = rest.first() {
            if at >= lattice.sound.len() {
                return None;
            }
            let end = lattice.end(at);
            let is_head = !is_typed(next);
            let taken = if is_head {
                usize::from(lattice.heads.get(unit) == Some(&next))
            } else {
                in_common(&lattice.sound[at..end], rest)
            };

            rest = &rest[taken..];
            self.steps.push(Step { unit, taken, is_head });
            if !is_head && taken < end - at {
                return (taken > 0 && rest.is_empty()).then_some(Form::Typing);
            }
            if taken == 0 {
                return None;
            }
            (unit, at) = (unit + 1, end);
        }
        Some(Form::Complete)
    }

    /// By any way.
    pub(super) fn cut_short(&mut self, lattice: Lattice<'_>, unit: usize, at: usize, typed: &[char]) -> bool {
        self.steps.clear();
        self.failed[at..lattice.sound.len()].fill(0);
        self.go(lattice, unit, at, typed, 0)
    }

    fn go(&mut self, lattice: Lattice<'_>, unit: usize, at: usize, typed: &[char], from: usize) -> bool {
        let Some(&next) = typed.get(from) else { return true };
        // No place is tried twice, so that no name makes this long.
        if at >= lattice.sound.len() || self.failed[at] >> (from & 63) & 1 == 1 {
            return false;
        }

        let end = lattice.end(at);
        let is_head = !is_typed(next);
        let most = if is_head {
            usize::from(lattice.heads.get(unit) == Some(&next))
        } else {
            in_common(&lattice.sound[at..end], &typed[from..])
        };

        for taken in (1..=most).rev() {
            self.steps.push(Step { unit, taken, is_head });
            if self.go(lattice, unit + 1, end, typed, from + taken) {
                return true;
            }
            self.steps.pop();
        }
        self.failed[at] |= 1 << (from & 63);
        false
    }
}

/// How many letters both begin with.
fn in_common(sound: &[u8], typed: &[char]) -> usize {
    let pairs = sound.iter().zip(typed);
    pairs
        .take_while(|(sounded, typed)| char::from(**sounded) == **typed)
        .count()
}

#[cfg(test)]
mod tests {
    use super::{super::name::Name, *};

    fn form(name: &str, typed: &str) -> Option<Form> {
        let name = Name::new(name, true);
        let heads = name.heads();
        let spelling = &name.spellings[0];
        let lattice = Lattice {
            sound: &spelling.sound,
            starts: spelling.starts,
            heads: &heads,
        };
        let typed: Vec<char> = typed.chars().collect();
        Aligner::new().align(lattice, 0, 0, &typed)
    }

    #[test]
    fn full_partial_and_abbreviated_sounds_mix_with_characters() {
        for (name, typed, expected) in [
            ("王伟", "wangwei", Some(Form::Complete)),
            ("王伟", "wang", Some(Form::Complete)),
            ("王伟", "wangw", Some(Form::Typing)),
            ("王伟", "wa", Some(Form::Typing)),
            ("王伟", "ww", Some(Form::Abbreviated)),
            ("王伟", "wwei", Some(Form::Abbreviated)),
            ("王伟", "wawe", Some(Form::Abbreviated)),
            ("王伟", "王w", Some(Form::Typing)),
            ("王伟", "王wei", Some(Form::Complete)),
            ("王伟", "w伟", Some(Form::Abbreviated)),
            ("王伟", "wang伟", Some(Form::Complete)),
            ("王伟", "wangweiy", None),
            ("王伟", "wei", None),
            ("王伟", "wgwei", None),
            ("西安", "xian", Some(Form::Complete)),
            ("先", "xian", Some(Form::Complete)),
            ("万刚", "wang", Some(Form::Typing)),
            ("欧阳锋", "oyf", Some(Form::Abbreviated)),
            ("欧阳锋", "ouyangf", Some(Form::Typing)),
            ("Anna Smith", "as", Some(Form::Abbreviated)),
            ("Anna Smith", "annas", Some(Form::Typing)),
        ] {
            assert_eq!(form(name, typed), expected, "{name} {typed}");
        }
    }

    #[test]
    fn a_name_that_repeats_itself_takes_no_longer() {
        let name = "aaaa ".repeat(12);
        assert_eq!(form(&name, &format!("{}b", "a".repeat(40))), None);
    }
}
