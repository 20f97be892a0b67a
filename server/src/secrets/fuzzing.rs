//! Fuzz target: masking of arbitrary text.

use super::*;

/// Masks a text as a value, a command line, an environment, labels and an inspect response.
pub(crate) fn read(bytes: &[u8]) {
    let given = String::from_utf8_lossy(bytes);
    let masked_text = text(&given, "", masked);
    assert!(
        given.len() > MAX_VALUE_BYTES || masked_text.len() <= given.len() * (MASK.len() + 1) + 1,
        "it only replaces"
    );
    let _ = named("NAME", &given, masked);
    let words: Vec<&str> = given.split(['\0', '\n', ' ']).collect();
    assert_eq!(arguments(&words, masked).len(), words.len());
    let _ = (command(&words), message(&given));
    let _ = labels(words.iter().map(|word| word.split_once('=').unwrap_or((word, ""))));
    let inspect = serde_json::json!({"Config": {"Env": words, "Cmd": words, "Entrypoint": ["sh"]}, "Path": &*given});
    let _ = document(&inspect, masked);
}
