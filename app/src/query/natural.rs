//! Natural sort order of names: `web-2` before `web-10`, ignoring case.

use std::cmp::Ordering;

/// Compares two names; runs of digits compare by value.
pub(super) fn natural_order(left: &str, right: &str) -> Ordering {
    let (mut left_rest, mut right_rest) = (left.as_bytes(), right.as_bytes());
    loop {
        let order = match (left_rest.first(), right_rest.first()) {
            (None, None) => return left.cmp(right),
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(l), Some(r)) if l.is_ascii_digit() && r.is_ascii_digit() => {
                let (l, r) = (take_number(&mut left_rest), take_number(&mut right_rest));
                l.len().cmp(&r.len()).then_with(|| l.cmp(r))
            }
            (Some(l), Some(r)) => {
                let order = l.to_ascii_lowercase().cmp(&r.to_ascii_lowercase());
                (left_rest, right_rest) = (&left_rest[1..], &right_rest[1..]);
                order
            }
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// Takes the leading digits without leading zeros, so that a longer number is a larger one.
fn take_number<'a>(rest: &mut &'a [u8]) -> &'a [u8] {
    let end = rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len());
    let (digits, tail) = rest.split_at(end);
    *rest = tail;
    let start = digits.iter().position(|digit| *digit != b'0').unwrap_or(end);
    &digits[start..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_compare_by_value_and_letters_without_case() {
        let mut names = ["web-10", "Web-2", "api", "web-2", "web", "web-02", "10", "9", "web-2a", "été"];
        names.sort_by(|left, right| natural_order(left, right));
        assert_eq!(names, ["9", "10", "api", "web", "Web-2", "web-02", "web-2", "web-2a", "web-10", "été"]);
    }
}
