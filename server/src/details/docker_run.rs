//! A `docker run` line that makes a container like this one.
//!
//! Enter: the inspect answers of container and image, in which a secret is a [`variable`]. Leaves: a line that a POSIX shell takes,
//! flag by flag. What the image says by itself is left out, and so are Compose's labels, by which Compose would take the copy for
//! its own. [`quoting`] makes words safe.

mod config;
mod host;
mod quoting;

use crate::engine::JsonRef;
use quoting::quoted;
pub(super) use quoting::variable;

/// Flags and words, each quoted when it is taken in.
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

/// Several lines, joined as a shell joins them.
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
