//! Chance that can be had again.

/// Moments that differ from seed to seed and are the same for one: splitmix64.
pub(super) struct Moments(u64);

impl Moments {
    /// By `CHAOS_SEED`, or by one that is printed.
    pub(super) fn seeded() -> Self {
        let seed = std::env::var("CHAOS_SEED").ok().and_then(|text| text.parse().ok());
        let seed = seed.unwrap_or_else(|| u64::from(std::process::id()));
        println!("CHAOS_SEED={seed}");
        Self(seed)
    }

    /// Others, for somebody who acts at the same time.
    pub(super) fn others(&mut self) -> Self {
        Self(self.next())
    }

    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
