//! Splits a byte stream into server-sent events. An `EventSource` shows neither headers nor arrival
//! times.

/// A server-sent event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentEvent {
    /// Name of the event.
    pub name: String,
    /// Data of the event; in diagnostic streams, one line.
    pub data: String,
}

/// Received bytes that are not a complete event yet.
#[derive(Debug, Default)]
pub struct Frames(Vec<u8>);

impl Frames {
    /// Adds bytes and returns the events that are now complete.
    pub fn take(&mut self, bytes: &[u8]) -> Vec<SentEvent> {
        // The bytes before contain no complete end of an event, but maybe its first newline.
        let (mut start, mut searched) = (0, self.0.len().saturating_sub(1));
        self.0.extend_from_slice(bytes);
        let mut events = Vec::new();
        while let Some(place) = self.0[searched..].windows(2).position(|pair| pair == b"\n\n") {
            searched += place + 2;
            events.extend(event(&String::from_utf8_lossy(&self.0[start..searched])));
            start = searched;
        }
        self.0.drain(..start);
        events
    }
}

fn event(frame: &str) -> Option<SentEvent> {
    let line = |field: &str| frame.lines().find_map(|line| line.strip_prefix(field)).map(|text| text.trim().to_owned());
    Some(SentEvent { name: line("event:")?, data: line("data:")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_returned_when_complete_wherever_the_bytes_are_split() {
        let text = b"event: begin\ndata: {}\n\nevent: ping\ndata: {\"sentMillis\":250}\n\n: nothing\n\nevent: end\n";
        for cut in 0..text.len() {
            let mut frames = Frames::default();
            let mut events = frames.take(&text[..cut]);
            events.extend(frames.take(&text[cut..]));
            let found: Vec<_> = events.iter().map(|event| (event.name.as_str(), event.data.as_str())).collect();
            assert_eq!(found, [("begin", "{}"), ("ping", "{\"sentMillis\":250}")], "cut at {cut}");
        }
    }

    #[test]
    fn each_byte_is_read_once_however_short_the_events() {
        // With time that grows with the square of the length, this takes minutes.
        let mut frames = Frames::default();
        assert_eq!(frames.take(&b"\n\n".repeat(1 << 20)), []);
        assert_eq!(frames.take(&b"event:a\ndata:\n\n".repeat(100_000)).len(), 100_000);
    }
}
