//! Embeds the built console: a rebuilt page has to reach the binary.

use std::path::Path;

fn main() {
    // cargo takes a missing path for a changed one, and would build anew each time: without a built page its parent is watched.
    let built = Path::new("console/dist").exists();
    println!(
        "cargo:rerun-if-changed={}",
        if built { "console/dist" } else { "console" }
    );
}
