//! A plain engine: each input of a corpus, and then what becomes of them by changes that it makes, until its time is
//! up.
//!
//! `FUZZ_SECONDS` says how long, else [`SECONDS`]. `FUZZ_SEED` repeats a run's changes.

use std::{
    env, fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

const SECONDS: u64 = 10;

/// An input that takes longer ties somebody's request up. Debug builds on a busy machine are slow.
const LONGEST: Duration = Duration::from_secs(10);

/// Bytes of an input.
const LARGEST: usize = 16 * 1024;

/// Runs a target. What it doesn't hold is kept in `target/tmp/fuzz`, and told.
pub fn run(name: &str, corpus: &Path, target: fn(&[u8])) {
    let corpus = read(corpus);
    let words = words(&corpus);
    let seed = variable("FUZZ_SEED").unwrap_or_else(|| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        u64::try_from(now.as_micros()).unwrap()
    });
    println!(
        "{name}: FUZZ_SEED={seed}, {} inputs of the corpus, {} words",
        corpus.len(),
        words.len()
    );

    let mut dice = Dice(seed);
    let end = Instant::now() + Duration::from_secs(variable("FUZZ_SECONDS").unwrap_or(SECONDS));
    let mut inputs = 0_u64;
    for input in &corpus {
        try_out(name, target, input);
    }
    while Instant::now() < end {
        let mut input = dice.one(&corpus).clone();
        for _ in 0..=dice.below(5) {
            change(&mut input, &corpus, &words, &mut dice);
        }
        input.truncate(LARGEST);
        try_out(name, target, &input);
        inputs += 1;
    }
    println!("{name}: {inputs} inputs");
    assert!(inputs > 0, "{name} tried the corpus alone");
}

fn try_out(name: &str, target: fn(&[u8]), input: &[u8]) {
    let begun = Instant::now();
    let ended = catch_unwind(AssertUnwindSafe(|| target(input)));
    let took = begun.elapsed();
    if ended.is_ok() && took < LONGEST {
        return;
    }

    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fuzz");
    let path = folder.join(format!("{name}-{}", input.len()));
    fs::create_dir_all(&folder).unwrap();
    fs::write(&path, input).unwrap();
    panic!("{name}: {} keeps the input that failed in {took:?}", path.display());
}

/// Changes an input in one place.
fn change(input: &mut Vec<u8>, corpus: &[Vec<u8>], words: &[Vec<u8>], dice: &mut Dice) {
    let at = dice.below(input.len() + 1);
    let rest = input.len() - at;
    match dice.below(9) {
        // One bit, or one byte.
        0 if rest > 0 => input[at] ^= 1 << dice.below(8),
        1 if rest > 0 => input[at] = *dice.one(b"\0\"\\{}[]()<>,.:;'#$@!=&|-+0919aZ \t\r\n\x7f\x80\xc3\xe4\xff"),
        // A part is left out, or there once more, or many times.
        2 => drop(input.drain(at..at + dice.below(rest.min(40) + 1))),
        3 => {
            let part = input[at..at + dice.below(rest.min(60) + 1)].repeat(1 + dice.below(3));
            input.splice(at..at, part);
        }
        4 if dice.below(8) == 0 => {
            let part = input[at..at + rest.min(1 + dice.below(4))].repeat(1 + dice.below(2_000));
            input.splice(at..at, part);
        }
        // A word of the corpus goes in, or in the place of another.
        5 | 6 => {
            let gone = if dice.below(2) == 0 {
                0
            } else {
                dice.below(rest.min(12) + 1)
            };
            input.splice(at..at + gone, dice.one(words).iter().copied());
        }
        // The end of another input.
        7 => {
            let other = dice.one(corpus);
            input.truncate(at);
            input.extend_from_slice(&other[dice.below(other.len() + 1)..]);
        }
        // A number of the ends of what numbers can be.
        _ => {
            let number = dice.one(&[
                "0",
                "-1",
                "1e400",
                "2147483648",
                "9223372036854775808",
                "18446744073709551616",
            ]);
            input.splice(at..at, number.bytes());
        }
    }
}

fn read(folder: &Path) -> Vec<Vec<u8>> {
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

/// What the inputs are made of: words, and whatever stands between them.
fn words(corpus: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte >= 0x80;
    let parts = corpus
        .iter()
        .flat_map(|input| input.chunk_by(|one, other| is_word(one) == is_word(other)));
    let mut words: Vec<_> = parts.map(<[u8]>::to_vec).collect();
    words.sort();
    words.dedup();
    words
}

fn variable(name: &str) -> Option<u64> {
    let text = env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name} is a whole number, not {text}")),
    )
}

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % end as u64).unwrap()
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}
