//! Creates, renames, updates and removes containers; holds their images.
//!
//! Every image exists as if it had been pulled, so that a test may use any name, except names that
//! contain `no-such`.

use super::Engine;
use super::container::{Container, State};
use super::error::EngineError;
use super::event::Event;
use super::ident::{ContainerId, digest};
use super::spec::ContainerSpec;
use crate::clock::Moment;

/// An image for containers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// Digest of the image's content.
    pub id: String,
    /// Tag: `repository:tag`.
    pub tag: String,
    /// Time of creation.
    pub created_at: Moment,
    /// Size of the image in bytes.
    pub size_bytes: u64,
    /// Default command; empty after an import.
    pub command: Vec<String>,
}

/// Part of the name of a missing image.
const MISSING: &str = "no-such";

impl Engine {
    /// All images, by tag.
    pub fn images(&self) -> impl Iterator<Item = &Image> {
        self.images.values()
    }

    /// Adds an image without an event; for scenarios.
    pub(crate) fn seed_image(&mut self, tag: &str, now: Moment) -> String {
        if let Some(known) = self.image(tag) {
            return known.id.clone();
        }
        let tag = with_tag(tag);
        let id = format!("sha256:{}", digest(&format!("image:{tag}")));
        let size_bytes = 4_000_000 + super::ident::hash_number(&tag) % 400_000_000;
        let command = vec!["/entrypoint".to_owned()];
        self.images.entry(tag.clone()).or_insert(Image { id: id.clone(), tag, created_at: now, size_bytes, command });
        id
    }

    /// The image with this name, or with this id or id prefix.
    pub fn image(&self, reference: &str) -> Option<&Image> {
        let digits = reference.trim_start_matches("sha256:");
        let is_id = |image: &&Image| digits.len() >= 7 && image.id.trim_start_matches("sha256:").starts_with(digits);
        self.images.get(&with_tag(reference)).or_else(|| self.images.values().find(is_id))
    }

    /// Adds an image, by `import` (without a command) or `pull`. An import takes over an existing
    /// name.
    pub fn add_image(&mut self, tag: &str, action: &str, now: Moment) -> String {
        let is_import = action == "import";
        if is_import && let Some(former) = self.images.remove(&with_tag(tag)) {
            let untagged = Image { tag: "<none>:<none>".to_owned(), ..former };
            self.images.insert(untagged.id.clone(), untagged);
        }
        let mut id = self.seed_image(tag, now);
        let others = self.images.values().filter(|image| image.id == id).count();
        let import = self.images.len();
        if is_import && let Some(image) = self.images.get_mut(&with_tag(tag)) {
            image.command.clear();
            if others > 1 {
                image.id = format!("sha256:{}", digest(&format!("image:{tag}:{import}")));
            }
            id.clone_from(&image.id);
        }
        self.outbox.push(Event::for_image(&id, &with_tag(tag), "tag", now));
        self.outbox.push(Event::for_image(&id, &id, action, now));
        id
    }

    /// Creates a container.
    ///
    /// # Errors
    /// `NoSuchImage`; `Invalid` for a bad name or no command; `Conflict` for a name in use.
    pub fn create(&mut self, mut spec: ContainerSpec, now: Moment) -> Result<ContainerId, EngineError> {
        if spec.image.contains(MISSING) {
            return Err(EngineError::NoSuchImage(with_tag(&spec.image)));
        }
        let image_id = self.seed_image(&spec.image, now);
        if spec.command.is_empty() {
            spec.command = self.image(&spec.image).map_or_else(Vec::new, |image| image.command.clone());
        }
        if spec.command.is_empty() {
            return Err(EngineError::Invalid("No command specified".to_owned()));
        }
        let id = self.idents.next_container();
        let name = spec.name.take().unwrap_or_else(|| format!("brisk_{}", &id.as_str()[..6]));
        self.check_name(&name, &name)?;
        self.names.insert(name.clone(), id.clone());
        self.containers.insert(id.clone(), Container::new(id.clone(), name, image_id, spec, now));
        self.emit(&id, "create", &[], now);
        Ok(id)
    }

    /// Renames a container.
    ///
    /// # Errors
    /// `NoSuchContainer`; `Invalid` for a bad, empty or equal name; `Conflict` for a name in use.
    pub fn rename(&mut self, reference: &str, new_name: &str, now: Moment) -> Result<(), EngineError> {
        if new_name.is_empty() {
            return Err(EngineError::Invalid("Neither old nor new names may be empty".to_owned()));
        }
        let id = self.resolve(reference)?;
        let new_name = new_name.strip_prefix('/').unwrap_or(new_name);
        let old_name = self.find(reference)?.name.clone();
        if old_name == new_name {
            return Err(EngineError::Invalid("Renaming a container with the same name as its current name".to_owned()));
        }
        self.check_name(new_name, &format!("/{new_name}"))
            .map_err(|error| error.prefixed("Error when allocating new name"))?;
        self.names.remove(&old_name);
        self.names.insert(new_name.to_owned(), id.clone());
        self.edit(&id, |container| new_name.clone_into(&mut container.name));
        self.emit(&id, "rename", &[("oldName", &format!("/{old_name}"))], now);
        Ok(())
    }

    /// Changes limits of a container; `None` keeps a limit.
    ///
    /// # Errors
    /// `NoSuchContainer`.
    pub fn update(
        &mut self,
        reference: &str,
        memory_bytes: Option<u64>,
        nano_cpus: Option<u64>,
        now: Moment,
    ) -> Result<(), EngineError> {
        let id = self.resolve(reference)?;
        self.edit(&id, |container| {
            container.spec.memory_bytes = memory_bytes.unwrap_or(container.spec.memory_bytes);
            container.spec.nano_cpus = nano_cpus.unwrap_or(container.spec.nano_cpus);
        });
        self.emit(&id, "update", &[], now);
        Ok(())
    }

    /// Removes a container; `force` kills it first.
    ///
    /// # Errors
    /// `NoSuchContainer`; `Conflict` if it is running and `force` is not set.
    pub fn remove(&mut self, reference: &str, force: bool, now: Moment) -> Result<(), EngineError> {
        let id = self.resolve(reference)?;
        let state = self.find(reference)?.state;
        if state.counts_as_running() {
            if !force {
                return Err(EngineError::Conflict(refusal(&id, state)));
            }
            self.kill_at_once(&id, now);
        }
        self.destroy(&id, now);
        Ok(())
    }

    pub(super) fn destroy(&mut self, id: &ContainerId, now: Moment) {
        self.emit(id, "destroy", &[], now);
        if let Some(container) = self.containers.remove(id) {
            self.names.remove(&container.name);
        }
    }

    /// Checks that `name` is valid; `shown` is the spelling in the message.
    fn check_name(&self, name: &str, shown: &str) -> Result<(), EngineError> {
        let mut letters = name.chars();
        let first = letters.next().is_some_and(|letter| letter.is_ascii_alphanumeric());
        let valid = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.' | '-');
        if !first || name.len() < 2 || !letters.all(valid) {
            let sentence = format!("Invalid container name ({shown}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed");
            return Err(EngineError::Invalid(sentence));
        }
        match self.names.get(name) {
            None => Ok(()),
            Some(owner) => Err(EngineError::Conflict(format!(
                "Conflict. The container name \"/{name}\" is already in use by container \"{owner}\". \
                 You have to remove (or rename) that container to be able to reuse that name."
            ))),
        }
    }
}

fn refusal(id: &ContainerId, state: State) -> String {
    let (kind, advice) = match state {
        State::Paused => ("paused", "Unpause and then stop"),
        State::Restarting => ("restarting", "Stop"),
        _ => ("running", "Stop"),
    };
    format!(
        "You cannot remove a {kind} container {id}. {advice} the container before attempting removal or force remove"
    )
}

/// The reference with `:latest`, if it has neither tag nor digest.
fn with_tag(image: &str) -> String {
    let last = image.rsplit('/').next().unwrap_or(image);
    if last.contains(':') || last.contains('@') || image.starts_with("sha256:") {
        image.to_owned()
    } else {
        format!("{image}:latest")
    }
}
