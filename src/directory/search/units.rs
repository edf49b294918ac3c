//! The sounds that names are made of, with who has them: all names that letters may be laid along are found from the
//! few hundred different sounds, and not name by name.

use super::{align::Form, bits::Bits, lists::Lists};

/// The letters and digits that units begin with, and one for whatever is silent.
const INITIALS: usize = 37;

/// Units of spelled names, which have numbers.
#[derive(Debug, Default)]
pub(super) struct Units {
    /// The different ones, sorted.
    sounds: Vec<Box<[u8]>>,
    /// Names that have each.
    holders: Lists,
    /// Names that have a unit with each initial.
    with_initial: Vec<Bits>,
    /// Names that have two initials one behind the other.
    with_initials: Lists,
    /// So many names.
    names: usize,
}

impl Units {
    /// Of `names` spelled names; `units` calls its argument with each unit of one, in order.
    pub(super) fn build(names: usize, units: impl Fn(u32, &mut dyn FnMut(&[u8]))) -> Self {
        let numbers = || 0..u32::try_from(names).unwrap_or(u32::MAX);
        let mut sounds: std::collections::BTreeSet<Box<[u8]>> = std::collections::BTreeSet::new();
        let mut with_initial = vec![Bits::none(names); INITIALS];
        for number in numbers() {
            units(number, &mut |unit| {
                with_initial[initial(unit[0])].put(number);
                if !sounds.contains(unit) {
                    sounds.insert(unit.into());
                }
            });
        }

        let sounds: Vec<_> = sounds.into_iter().collect();
        let (holders, _) = Lists::build(sounds.len(), usize::MAX, |visit| {
            for number in numbers() {
                units(number, &mut |unit| {
                    visit(sounds.partition_point(|it| **it < *unit), number)
                });
            }
        });
        let (with_initials, _) = Lists::build(INITIALS * INITIALS, usize::MAX, |visit| {
            for number in numbers() {
                let mut before = None;
                units(number, &mut |unit| {
                    let this = initial(unit[0]);
                    if let Some(before) = before.replace(this) {
                        visit(before * INITIALS + this, number);
                    }
                });
            }
        });

        Self {
            sounds,
            holders,
            with_initial,
            with_initials,
            names,
        }
    }

    /// Names that `typed` may be laid along from any unit on, as well as `form` says or better. All that it can be laid
    /// along so are among them.
    pub(super) fn may_be_met(&self, typed: &[u8], form: Form) -> Bits {
        let is_reached = self.reached(typed, form);
        // From each letter on, the last one first.
        let mut behind: Vec<Option<Bits>> = vec![None; typed.len()];
        for from in (0..typed.len()).rev().filter(|from| is_reached[*from]) {
            behind[from] = Some(self.from(typed, from, form, &behind)).filter(|names| !names.is_empty());
        }
        behind.swap_remove(0).unwrap_or_else(|| Bits::none(self.names))
    }

    /// Where in what was typed a unit may begin.
    fn reached(&self, typed: &[u8], form: Form) -> Vec<bool> {
        let mut reached = vec![false; typed.len() + 1];
        reached[0] = true;
        for from in 0..typed.len() {
            if reached[from] {
                self.steps(&typed[from..], form)
                    .for_each(|taken| reached[from + taken] = true);
            }
        }
        reached
    }

    /// Names that the letters from one on may be laid along, where those from later ones on are known.
    fn from(&self, typed: &[u8], from: usize, form: Form, behind: &[Option<Bits>]) -> Bits {
        let rest = &typed[from..];
        let mut names = self.ending(rest, form);
        for taken in self.steps(rest, form).filter(|taken| *taken < rest.len()) {
            let Some(later) = &behind[from + taken] else { continue };
            let pair = initial(rest[0]) * INITIALS + initial(rest[taken]);
            let both = self.with_initials.of(pair).iter();
            names.put_all(both.copied().filter(|number| later.has(*number)));
        }
        names
    }

    /// Names with a unit that is all of `rest`, or begins with it.
    fn ending(&self, rest: &[u8], form: Form) -> Bits {
        if rest.len() == 1 && form != Form::Complete {
            return self.with_initial[initial(rest[0])].clone();
        }
        let mut names = Bits::none(self.names);
        let begun = self.with_prefix(rest);
        let is_whole = |at: usize| self.sounds.get(at).is_some_and(|sound| **sound == *rest);
        let meant = match form {
            Form::Complete => begun.start..begun.start + usize::from(is_whole(begun.start)),
            Form::Typing | Form::Abbreviated => begun,
        };
        names.put_all(self.holders.of_keys(meant).iter().copied());
        names
    }

    /// How many letters one unit may take from the beginning of `rest`, another one behind it.
    fn steps(&self, rest: &[u8], form: Form) -> impl Iterator<Item = usize> + use<'_> {
        let at = self.sounds.partition_point(|sound| **sound < *rest);
        let neighbours = [at.checked_sub(1), Some(at)].into_iter().flatten();
        let sounds = neighbours.filter_map(|at| self.sounds.get(at));
        let in_common = |sound: &[u8]| sound.iter().zip(rest).take_while(|(one, other)| one == other).count();
        let most = sounds.map(|sound| in_common(sound)).max().unwrap_or_default();

        let rest = rest.to_vec();
        (1..=most).filter(move |taken| {
            form == Form::Abbreviated
                || self
                    .sounds
                    .binary_search_by(|sound| (**sound).cmp(&rest[..*taken]))
                    .is_ok()
        })
    }

    fn with_prefix(&self, prefix: &[u8]) -> std::ops::Range<usize> {
        let from = self.sounds.partition_point(|sound| **sound < *prefix);
        let count = self.sounds[from..].partition_point(|sound| sound.starts_with(prefix));
        from..from + count
    }
}

fn initial(letter: u8) -> usize {
    match letter {
        b'a'..=b'z' => usize::from(letter - b'a'),
        b'0'..=b'9' => usize::from(letter - b'0') + 26,
        _ => INITIALS - 1,
    }
}
