//! How the command is linked. To a fixed address, as Go's own are: the loader then has no pointers to adjust in its tables, of which there
//! are hundreds of kilobytes. And, where the C library is there for it, statically: to find, map and bind four libraries takes an
//! eighth of hello world's time. MORESTACK_LINK=dynamic does without.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The libraries that rustc asks the linker for, and the archives that stand in for them. An empty name: all of it is in libc.
const LIBRARIES: [(&str, &str); 7] = [
    ("gcc_s", "libgcc_eh.a"),
    ("util", ""),
    ("rt", ""),
    ("pthread", ""),
    ("m", "libm.a"),
    ("dl", ""),
    ("c", "libc.a"),
];

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=MORESTACK_LINK");
    let is = |key: &str, value: &str| env::var(key).is_ok_and(|v| v == value);
    if !is("CARGO_CFG_TARGET_OS", "linux") {
        return;
    }
    println!("cargo:rustc-link-arg-bins=-no-pie");
    let native = env::var("TARGET").ok() == env::var("HOST").ok();
    let wanted = native && is("CARGO_CFG_TARGET_ENV", "gnu") && !is("MORESTACK_LINK", "dynamic");
    if let Some(folder) = env::var_os("OUT_DIR").filter(|_| wanted)
        && stand_ins(Path::new(&folder)).is_some()
    {
        println!("cargo:rustc-link-arg-bins=-static");
        println!("cargo:rustc-link-arg-bins=-L{}", folder.display());
    }
}

/// rustc asks for shared libraries by name. In this folder, which is searched first, there are linker scripts of these names that lead to archives.
/// None where the archives or glibc's one-library form (since 2.34) are missing.
fn stand_ins(folder: &Path) -> Option<()> {
    for (name, archive) in LIBRARIES {
        let script = match archive {
            "" => "INPUT()".to_owned(),
            archive => format!("INPUT({})", find(archive)?.display()),
        };
        fs::write(folder.join(format!("lib{name}.so")), script).ok()?;
    }
    // Empty since then.
    let threads = fs::metadata(find("libpthread.a")?).ok()?;
    (threads.len() < 1000).then_some(())
}

/// Where the C compiler's linker would find a file.
fn find(file: &str) -> Option<PathBuf> {
    let output = Command::new("cc")
        .arg(format!("-print-file-name={file}"))
        .output()
        .ok()?;
    let path = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
    path.is_absolute().then_some(path)
}
