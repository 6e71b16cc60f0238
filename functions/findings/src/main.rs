//! The Lambda of the findings domain.
fn main() {}
