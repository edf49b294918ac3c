//! Finding people and departments as somebody types: by name in characters, pinyin, initials and any mixture, by
//! numbers, addresses and titles, the best first.

mod align;
mod ask;
mod bits;
mod column;
mod facts;
mod grams;
mod index;
mod judge;
mod lists;
mod matched;
mod matching;
mod name;
mod names;
mod near;
mod query;
mod rank;
mod reading;
mod recent;
mod record;
mod segment;
mod simplified;
mod sought;
mod sounds;
mod surname;
#[cfg(test)]
mod tests;
mod text;
mod titles;
mod top;
mod units;
mod words;

pub use index::{Asked, Hit, Records, SearchIndex};
pub use judge::{Judgement, judge, judge_near};
pub use matched::{Matched, SearchField};
pub use matching::Matching;
pub use query::{MOST_TYPED, Query};
pub use rank::Rank;
pub use record::Record;
