//! The command is linked to a fixed address, as Go's own are: the loader then has no pointers to adjust in its tables, of which there
//! are hundreds of kilobytes.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux") {
        println!("cargo:rustc-link-arg-bins=-no-pie");
    }
}
