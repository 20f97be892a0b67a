//! Cost and speed of Quaylight, measured from outside with the release programs. `make bench` runs
//! it.
//!
//! ```text
//! bench FOLDER [watching|delay|crowd|thousand|wire]…
//! ```
//! FOLDER contains `quaylight` and `quaylight-simulator`. The table is printed, and written as
//! Markdown to `FOLDER/../bench/`.
//!
//! In: a private real engine ([`fleet`]) or a simulated one ([`program`]). Out: rows of a [`table`]
//! with measured and documented values. Sections: [`watching`], [`delay`], [`crowd`], [`thousand`],
//! [`wire`]. [`viewer`] reads streams, and [`processes`] reads CPU time.

#[cfg(target_os = "linux")]
mod crowd;
#[cfg(target_os = "linux")]
mod delay;
#[cfg(target_os = "linux")]
mod engine;
#[cfg(target_os = "linux")]
mod figures;
#[cfg(target_os = "linux")]
mod fleet;
#[cfg(target_os = "linux")]
mod processes;
#[cfg(target_os = "linux")]
mod program;
#[cfg(target_os = "linux")]
mod run;
#[cfg(target_os = "linux")]
mod table;
#[cfg(target_os = "linux")]
mod thousand;
#[cfg(target_os = "linux")]
mod viewer;
#[cfg(target_os = "linux")]
mod watching;
#[cfg(target_os = "linux")]
mod wire;

#[cfg(target_os = "linux")]
fn main() -> anyhow::Result<()> {
    run::run(&std::env::args().skip(1).collect::<Vec<_>>())
}

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("bench  skipped: it reads what processes cost from Linux' /proc");
}
