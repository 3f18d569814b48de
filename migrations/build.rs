//! Rebuilds the program when a migration or a data file is added: `embed_migrations!` alone does
//! not notice a new folder.

fn main() {
    println!("cargo::rerun-if-changed=migrations");
    println!("cargo::rerun-if-changed=data");
}
