//! Embeds the built console: a rebuilt page has to reach the binary.
fn main() {
    println!("cargo:rerun-if-changed=console/dist");
}
