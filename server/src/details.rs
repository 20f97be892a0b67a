//! What inspect says of one container, for the page of that container.
//!
//! Enter: the engine's answers as JSON. Leave: [`Details`] and the same JSON, both without secrets unless they were asked for, and a
//! `docker run` line ([`docker_run`]). Pure. The JSON is read field by field ([`JsonRef`]), not into bollard's models, because a
//! word that those do not know would cost the whole answer. Asked for by [`crate::http`], one container at a time.

mod docker_run;
mod facts;
mod processes;
mod visibility;

use crate::{
    engine::JsonRef,
    plain::plain,
    secrets::{self, Writer},
};
use app::model::Details;
use serde_json::Value;

pub use processes::{columns, processes};
pub use visibility::{Visibility, without_ids};

/// Whether secrets are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrets {
    /// As `******`.
    Masked,
    /// As they are.
    Shown,
}

/// The inspect answer as it may be told.
pub fn document(inspect: &Value, secrets: Secrets) -> Value {
    conceal(inspect, secrets, secrets::masked)
}

/// The facts of an inspect answer; `image` is that of its image, without which the `docker run` line repeats what the image says.
pub fn details(inspect: &Value, image: Option<&Value>, secrets: Secrets) -> Details {
    let inspect = &with_plain_output(inspect);
    let told = document(inspect, secrets);
    let marked = conceal(inspect, secrets, docker_run::variable);
    let image =
        image.map(
            |image| if secrets == Secrets::Shown { image.clone() } else { secrets::image(image, docker_run::variable) },
        );
    Details {
        secrets_shown: secrets == Secrets::Shown,
        docker_run: docker_run::docker_run(JsonRef(&marked), image.as_ref().map_or(JsonRef(&Value::Null), JsonRef)),
        ..facts::facts(JsonRef(&told), JsonRef(inspect))
    }
}

/// With the output of health checks as it may be shown. Before anything is masked: a colour in the middle of a secret would hide it
/// from what looks for secrets, and not from a reader.
fn with_plain_output(inspect: &Value) -> Value {
    let mut inspect = inspect.clone();
    let checks = inspect.pointer_mut("/State/Health/Log").and_then(Value::as_array_mut);
    for check in checks.into_iter().flatten() {
        if let Some(Value::String(output)) = check.get_mut("Output") {
            *output = plain(output);
        }
    }
    inspect
}

fn conceal(inspect: &Value, secrets: Secrets, writer: Writer) -> Value {
    match secrets {
        Secrets::Masked => secrets::document(inspect, writer),
        Secrets::Shown => inspect.clone(),
    }
}
