//! What Quaylight costs and how fast it is, measured from outside, on the programs as they are shipped. `make bench` runs it.
//!
//! ```text
//! bench FOLDER [watching|delay|crowd|thousand|wire]…
//! ```
//! FOLDER holds `quaylight` and `quaylight-simulator`; the table is printed, and written as Markdown to `FOLDER/../bench/`.
//!
//! In: a real engine of its own ([`fleet`]) or a simulated one ([`program`]). Out: rows of a [`table`], what was measured beside
//! what was promised. The sections: [`watching`], [`delay`], [`crowd`], [`thousand`], [`wire`]. They read streams through
//! [`viewer`], and processor time through [`processes`].

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
