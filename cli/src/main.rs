//! Cooee on the command line.
fn main() {}
