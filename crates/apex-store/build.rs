//! Builds again when a schema step is added: the steps are compiled in.

fn main() {
    println!("cargo::rerun-if-changed=../../migrations/desktop");
    println!("cargo::rerun-if-changed=../../migrations/market");
}
