//! render
fn main() {}
