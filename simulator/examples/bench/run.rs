//! Selects the sections and their order, and writes the table.

use crate::{
    crowd, delay,
    fleet::Fleet,
    processes, program, table,
    table::{Row, Table},
    thousand, watching, wire,
};
use anyhow::Context as _;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use std::{fs, path::Path};

/// Sections that need a real engine; the others use a simulated one.
const REAL: [&str; 2] = ["watching", "delay"];
const SIMULATED: [&str; 3] = ["crowd", "thousand", "wire"];

/// Runs the sections in `arguments`, which follow the folder; all of them by default.
pub(crate) fn run(arguments: &[String]) -> anyhow::Result<()> {
    let (folder, named) = arguments.split_first().context("usage: bench FOLDER [SECTION]…")?;
    let known = |name: &String| REAL.contains(&name.as_str()) || SIMULATED.contains(&name.as_str());
    if let Some(unknown) = named.iter().find(|name| !known(name)) {
        anyhow::bail!("no section is called {unknown}; there are {} and {}", REAL.join(", "), SIMULATED.join(", "));
    }
    let wanted = |section: &str| named.is_empty() || named.iter().any(|name| name == section);
    allow_open_files()?;
    let folder = program::Folder::new(folder)?;
    let before = processes::load_average();
    let machine = || {
        let (kernel, cores) = (processes::kernel(), processes::cores());
        format!("{kernel}, {cores} cores, load {before} before and {} after (1, 5, 15 min)", processes::load_average())
    };
    let mut table = Table::default();
    if REAL.into_iter().any(wanted) {
        match Fleet::start() {
            Ok(fleet) => {
                for section in REAL.into_iter().filter(|section| wanted(section)) {
                    announce(section);
                    table.add(section, of_real(section, &folder, &fleet)?);
                    write(folder.path(), &table.markdown(&machine()))?;
                }
            }
            Err(reason) => table::say(&format!("watching and delay are skipped: {reason:#}")),
        }
    }
    for section in SIMULATED.into_iter().filter(|section| wanted(section)) {
        announce(section);
        table.add(section, of_simulated(section, &folder)?);
        write(folder.path(), &table.markdown(&machine()))?;
    }
    table.print();
    table::say(&machine());
    Ok(())
}

fn of_real(section: &str, folder: &program::Folder, fleet: &Fleet) -> anyhow::Result<Vec<Row>> {
    match section {
        "watching" => watching::measure(folder, fleet),
        _ => delay::measure(folder, fleet),
    }
}

fn of_simulated(section: &str, folder: &program::Folder) -> anyhow::Result<Vec<Row>> {
    match section {
        "crowd" => crowd::measure(folder),
        "thousand" => thousand::measure(folder),
        _ => wire::measure(folder),
    }
}

fn announce(section: &str) {
    table::say(&format!("{section}, at load {}", processes::load_average()));
}

/// After each section, so that results are kept if a later one fails.
fn write(folder: &Path, markdown: &str) -> anyhow::Result<()> {
    let target = folder.parent().context("the folder of the programs is below target")?.join("bench");
    fs::create_dir_all(&target)?;
    let file = target.join("performance.md");
    fs::write(&file, markdown)?;
    table::say(&format!("the same as Markdown: {}", file.display()));
    Ok(())
}

/// Each viewer is a socket, and the default limit of 1,024 is too low. The measured programs raise
/// their own.
fn allow_open_files() -> anyhow::Result<()> {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    Ok(setrlimit(Resource::RLIMIT_NOFILE, hard, hard)?)
}
