//! fisc
fn main() {}
