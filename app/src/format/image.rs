//! Names of images, as every page shows them.

use crate::model::{Container, is_image_id};
use std::borrow::Cow;

/// Number of digits of an id that are shown, as in `docker images`.
const SHOWN_DIGITS: usize = 12;

/// Prefix of a name that no longer refers to the container's image.
const OUTDATED: &str = "older ";

/// Name of a container's image: `app:latest`; `sha256:3f1a2b4c5d6e` if created by id;
/// `app@sha256:3f1a2b4c5d6e` if created by digest; `older app:latest` if the name no longer refers
/// to the container's image.
pub fn image_name(container: &Container) -> String {
    let mut name = if container.image_outdated { OUTDATED.to_owned() } else { String::new() };
    name.push_str(&image_reference(container));
    name
}

/// Name of a container's image without the prefix `older`.
pub fn image_reference(container: &Container) -> Cow<'_, str> {
    let Container { image, image_id, .. } = container;
    short_image(if is_image_id(image, image_id) { image_id } else { image })
}

/// An image reference with its digest shortened to 12 digits.
pub fn short_image(reference: &str) -> Cow<'_, str> {
    match reference.rsplit_once(':') {
        None => short_digits(reference, reference),
        // A tag may consist of digits, too, such as those of a commit.
        Some((before, digits)) if before.contains('@') || before.starts_with("sha") => short_digits(reference, digits),
        Some(_) => reference.into(),
    }
}

fn short_digits<'a>(reference: &'a str, digits: &str) -> Cow<'a, str> {
    const MIN_DIGITS: usize = 32;
    if digits.len() < MIN_DIGITS || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return reference.into();
    }
    let end = reference.len() - digits.len() + SHOWN_DIGITS;
    reference.get(..end).unwrap_or(reference).into()
}

/// Full description of a container's image, for a tooltip.
pub fn image_description(container: &Container) -> String {
    let Container { image, image_id, image_outdated, .. } = container;
    if *image_outdated {
        return format!("{image} now refers to another image, or to none. This container was created from {image_id}.");
    }
    image.clone()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::ContainerState, samples};

    const DIGITS: &str = "3f1a2b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f708";

    fn container(image: &str) -> Container {
        let container = samples::container(1, "web", ContainerState::Running);
        Container { image: image.to_owned(), image_id: format!("sha256:{DIGITS}"), ..container }
    }

    #[test]
    fn ids_are_shortened_and_names_are_not() {
        let (id, digest) = (format!("sha256:{DIGITS}"), format!("registry.example:5000/app:1.2@sha256:{DIGITS}"));
        for (image, shown) in [
            ("app:latest", "app:latest"),
            ("registry.example:5000/team/app", "registry.example:5000/team/app"),
            (&id, "sha256:3f1a2b4c5d6e"),
            (DIGITS, "sha256:3f1a2b4c5d6e"),
            ("3f1a2b4c5d6e", "sha256:3f1a2b4c5d6e"),
            (&digest, "registry.example:5000/app:1.2@sha256:3f1a2b4c5d6e"),
            // A tag of forty digits is a commit, and stays whole.
            ("app:0123456789abcdef0123456789abcdef01234567", "app:0123456789abcdef0123456789abcdef01234567"),
            ("", ""),
        ] {
            assert_eq!(image_name(&container(image)), shown);
        }
        assert_eq!(short_image("sha512:0123456789abcdef0123456789abcdef"), "sha512:0123456789ab");
    }

    #[test]
    fn an_outdated_name_is_marked() {
        let outdated = Container { image_outdated: true, ..container("app:latest") };
        assert_eq!(image_name(&outdated), "older app:latest");
        assert_eq!(image_reference(&outdated), "app:latest");
        assert!(image_description(&outdated).contains(DIGITS));
        assert_eq!(image_description(&container("app:latest")), "app:latest");
    }
}
