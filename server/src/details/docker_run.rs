//! Generates the equivalent `docker run` command of a container.
//!
//! In: the inspect responses of container and image, with secrets replaced by [`variable`]s. Out: a
//! command for a POSIX shell. It omits the image's own settings and Compose's labels, because
//! Compose would treat the copy as its own. Arguments are quoted in [`quoting`].

mod config;
mod host;
mod quoting;

use crate::engine::JsonRef;
use quoting::quoted;
pub(super) use quoting::variable;

/// Flags and arguments of the command. Each is quoted when it is added.
#[derive(Debug, Default)]
struct Line(Vec<String>);

impl Line {
    fn switch(&mut self, flag: &str, set: bool) {
        if set {
            self.0.push(flag.to_owned());
        }
    }

    fn flag(&mut self, flag: &str, value: Option<impl AsRef<str>>) {
        if let Some(value) = value {
            self.0.push(format!("{flag} {}", quoted(value.as_ref())));
        }
    }

    fn flags(&mut self, flag: &str, values: impl IntoIterator<Item = impl AsRef<str>>) {
        values.into_iter().for_each(|value| self.flag(flag, Some(value)));
    }
}

/// Returns the command with one flag per line, joined by backslashes.
pub(super) fn docker_run(container: JsonRef<'_>, image: JsonRef<'_>) -> String {
    let mut line = Line::default();
    line.switch("--detach", true);
    config::identity(container, image.at("/Config"), &mut line);
    host::network(container, &mut line);
    host::ports(container, image.at("/Config"), &mut line);
    host::mounts(container, image.at("/Config"), &mut line);
    host::lifecycle(container.at("/HostConfig"), &mut line);
    host::limits(container.at("/HostConfig"), &mut line);
    host::rights(container.at("/HostConfig"), &mut line);
    host::names(container.at("/HostConfig"), &mut line);
    config::health(container.at("/Config"), image.at("/Config"), &mut line);
    let command = config::command(container.at("/Config"), image.at("/Config"), &mut line);
    let words = std::iter::once(container.text("/Config/Image").unwrap_or("IMAGE")).chain(command).map(quoted);
    line.0.push(words.collect::<Vec<_>>().join(" "));
    format!("docker run {}", line.0.join(" \\\n  "))
}

#[cfg(test)]
mod tests;
