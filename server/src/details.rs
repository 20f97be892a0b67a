//! Details of one container for its page, from inspect.
//!
//! In: the engine's inspect responses as JSON. Out: [`Details`], the same JSON and a `docker run`
//! command ([`docker_run`]), with masked secrets unless requested. Pure. Called by [`crate::http`]
//! for one container at a time.
//!
//! The JSON is read field by field ([`JsonRef`]), because bollard's models reject a whole response
//! for one unknown value.

mod docker_run;
mod facts;
mod processes;
mod visibility;

use crate::{
    engine::JsonRef,
    secrets::{self, Writer},
    text::plain::plain,
};
use app::model::Details;
use serde_json::Value;

pub use processes::{columns, processes};
pub use visibility::{Visibility, without_ids};

/// Treatment of secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrets {
    /// Replaced by `******`.
    Masked,
    /// Secrets are shown.
    Shown,
}

/// Returns the inspect response, masked if required.
pub fn document(inspect: &Value, secrets: Secrets) -> Value {
    conceal(inspect, secrets, secrets::masked)
}

/// Extracts details from an inspect response. Without `image` (the inspect response of its image),
/// the `docker run` command repeats the image defaults.
pub fn details(inspect: &Value, image: Option<&Value>, secrets: Secrets) -> Details {
    let inspect = &with_plain_output(inspect);
    let masked = document(inspect, secrets);
    let marked = conceal(inspect, secrets, docker_run::variable);
    let image =
        image.map(
            |image| if secrets == Secrets::Shown { image.clone() } else { secrets::image(image, docker_run::variable) },
        );
    Details {
        secrets_shown: secrets == Secrets::Shown,
        docker_run: docker_run::docker_run(JsonRef(&marked), image.as_ref().map_or(JsonRef(&Value::Null), JsonRef)),
        ..facts::facts(JsonRef(&masked), JsonRef(inspect))
    }
}

/// Removes terminal sequences from the output of health checks. Must run before masking, because a
/// sequence within a secret would hide it from the search.
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
