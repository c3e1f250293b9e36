//! What the project's runners share: the programs under `programs/` with their expectations, running a
//! command within limits of time and memory, and comparing its output with an expectation.
//!
//! The test `crates/cli/tests/programs.rs` and the commands of this crate (`morestack-bench`, `conformance`,
//! `bless`) are built from these parts.

pub mod expect;
pub mod process;
pub mod program;

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// Builds morestack in release mode and gives the path of the binary.
pub fn build_morestack() -> Result<PathBuf> {
    let status = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["build", "--release", "-q", "-p", "morestack-cli"])
        .status()
        .context("running cargo")?;
    if !status.success() {
        bail!("morestack does not build");
    }
    let here = env::current_exe().context("the path of this command")?;
    let target = here
        .parent()
        .and_then(Path::parent)
        .context("this command lies in no target folder")?;
    Ok(target.join("release").join("morestack"))
}
