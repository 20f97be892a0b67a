//! Complete and broken documents, rows and lines.

#![allow(clippy::unwrap_used, reason = "a test that cannot read its own data has failed")]

use super::*;
use proptest::prelude::*;
use serde_json::json;

fn document(json: &[u8], max_string_bytes: usize, step: usize) -> Vec<u8> {
    let mut document = Document::new(max_string_bytes);
    json.chunks(step).for_each(|chunk| document.push(chunk));
    document.bytes().to_vec()
}

fn rows(json: &[u8], step: usize) -> Option<Vec<Value>> {
    let mut rows = Rows::new(64);
    json.chunks(step).for_each(|chunk| rows.push(chunk));
    rows.finish().map(|rows| rows.iter().map(|row| read_prefix(row)).collect())
}

fn lines(json: &[u8], step: usize) -> Vec<Result<String, TooLong>> {
    let mut lines = Lines::new(64);
    json.chunks(step).for_each(|chunk| lines.push(chunk));
    std::iter::from_fn(|| lines.next())
        .map(|line| line.map(|line| String::from_utf8_lossy(&line).into_owned()))
        .collect()
}

#[test]
fn a_long_text_is_cut_between_characters_and_other_fields_stay() {
    let long = json!({"a": "é".repeat(100), "b": "\"\\".repeat(100), "c": "short"}).to_string();
    for step in [1, 7, 1_000] {
        let read = read(&document(long.as_bytes(), 11, step)).unwrap();
        assert_eq!(read["a"], format!("{}…", "é".repeat(6)), "{step}"); // 12 bytes: a character is not cut
        assert_eq!(read["c"], "short");
        assert!(read["b"].as_str().unwrap().starts_with("\"\\\"") && read["b"].as_str().unwrap().ends_with('…'));
    }
}

#[test]
fn whitespace_between_values_is_dropped() {
    let spaces = format!("{}{}{{\"a\" :\t1 }}", " ".repeat(1_000), "\n".repeat(1_000));
    assert_eq!(document(spaces.as_bytes(), 64, 100), b"{\"a\":1}");
}

#[test]
fn an_unreadable_row_is_skipped() {
    let list = br#"[{"Id":"a","N":1},{"Id":"b","N":1e999,"Bad":"\ud800","x":[1,{"y":"]},"}]}, {"Id":"c" "broken"}, 7, {"Id":"d"}]"#;
    for step in [1, 5, 1_000] {
        let rows = rows(list, step).unwrap();
        assert_eq!(rows.len(), 5);
        let ids: Vec<_> = rows.iter().map(|row| row["Id"].as_str()).collect();
        assert_eq!(ids, [Some("a"), Some("b"), Some("c"), None, Some("d")]);
        assert_eq!((&rows[1]["N"], rows[1]["Bad"].as_str()), (&Value::Null, Some("\u{fffd}")));
    }
}

#[test]
fn a_partial_list_is_an_error() {
    for text in ["", "[", "[{\"Id\":\"a\"}", "{}", "null", "<html>", "\"[]\"", "[{}] x", "[{}][{}]"] {
        assert_eq!(rows(text.as_bytes(), 3), None, "{text}");
    }
    assert_eq!(rows(b" [ ] \n", 1), Some(vec![]));
}

#[test]
fn the_beginning_of_a_long_row_is_kept() {
    let labels: Map<String, Value> = (0..40_000).map(|n| (format!("label-{n}"), json!("x".repeat(20)))).collect();
    let list = format!("[{{\"Id\":\"a\",\"Labels\":{},\"State\":\"running\"}},{{\"Id\":\"b\"}}]", json!(labels));
    let rows = rows(list.as_bytes(), 4_096).unwrap();
    assert_eq!((rows[0]["Id"].as_str(), rows[1]["Id"].as_str(), rows.len()), (Some("a"), Some("b"), 2));
}

#[test]
fn lines_are_reassembled_from_chunks_and_bad_ones_skipped() {
    let text = b"{\"a\": 1}\n\n{\"half\":\"text\n{\"b\":2}\r\n\xff\xfe\n{\"c\":3}\n{\"rest\":";
    for step in [1, 4, 1_000] {
        let lines: Vec<_> = lines(text, step).into_iter().map(Result::unwrap).collect();
        assert_eq!(lines, ["{\"a\":1}", "{\"half\":\"text", "{\"b\":2}", "\u{fffd}\u{fffd}", "{\"c\":3}"], "{step}");
    }
}

#[test]
fn a_line_that_is_too_long_is_skipped() {
    let many = "[1],".repeat(MAX_LINE_BYTES / 2);
    let read = lines(format!("{{}}\n{many}\n{{}}\n").as_bytes(), 4_096);
    assert_eq!(read, [Ok("{}".to_owned()), Err(TooLong), Ok("{}".to_owned())]);
}

proptest! {
    #[test]
    fn short_values_are_unchanged(text in ".{0,40}", number in any::<i64>(), step in 1_usize..9) {
        let value = json!([{"a": text, "b": [number, null, {"c": [text, true]}]}, text]);
        prop_assert_eq!(&read(&document(value.to_string().as_bytes(), 1_000, step)).unwrap(), &value);
        prop_assert_eq!(&repaired(&value.to_string()), &value.to_string());
    }

    #[test]
    fn any_bytes_are_handled(bytes in proptest::collection::vec(any::<u8>(), 0..300), step in 1_usize..9) {
        let _ = read(&document(&bytes, 8, step));
        let _ = (rows(&bytes, step), lines(&bytes, step), read_prefix(&bytes));
    }

    #[test]
    fn json_with_any_byte_changed_is_handled(place in 0_usize..200, byte in any::<u8>()) {
        let list = json!([{"Id": "a", "Names": ["/x"], "Labels": {"k": "\u{1F600}\n"}}, {"Id": "b", "Ports": [{"PrivatePort": 80}]}]);
        let mut list = list.to_string().into_bytes();
        let place = place % list.len();
        list[place] = byte;
        let _ = (rows(&list, 7), read(&list), read_prefix(&list));
    }
}
