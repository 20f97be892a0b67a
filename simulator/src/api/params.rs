//! Query parameters, parsed as by dockerd.

use std::collections::HashMap;
use std::time::Duration;

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;

use super::refusal::Refusal;
use crate::clock::Moment;

/// The query of a request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Params(HashMap<String, String>);

impl<S: Sync> FromRequestParts<S> for Params {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let query = Query::try_from_uri(&parts.uri).map_err(|error| Refusal::invalid(error.body_text()))?;
        let Query(pairs): Query<Vec<(String, String)>> = query;
        // The first value of a repeated parameter counts.
        Ok(Self(pairs.into_iter().rev().collect()))
    }
}

impl Params {
    /// The text of a parameter; `None` if absent or empty.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|text| !text.is_empty())
    }

    /// A flag as in dockerd: true for any value except an empty one, `0`, `no`, `false` and `none`.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.flag_or(name, false)
    }

    /// A flag with a default for an absent parameter.
    pub(crate) fn flag_or(&self, name: &str, default: bool) -> bool {
        self.0.get(name).map_or(default, |text| {
            !matches!(text.trim().to_ascii_lowercase().as_str(), "" | "0" | "no" | "false" | "none")
        })
    }

    /// An integer.
    ///
    /// # Errors
    /// 400 with Go's message.
    pub(crate) fn integer(&self, name: &str) -> Result<Option<i64>, Refusal> {
        let Some(text) = self.text(name) else { return Ok(None) };
        text.parse().map(Some).map_err(|_| Refusal::invalid(format!("strconv.Atoi: parsing {text:?}: invalid syntax")))
    }

    /// Timeout of a stop; a negative number means no timeout.
    ///
    /// # Errors
    /// 400 if the value is not a number.
    pub(crate) fn timeout(&self, name: &str) -> Result<Duration, Refusal> {
        /// Default timeout of `docker stop`.
        const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);
        /// Timeout that means none: longer than any simulator runs.
        const NO_TIMEOUT: Duration = Duration::from_secs(u32::MAX as u64);
        let seconds = self.integer(name)?;
        Ok(seconds.map_or(DEFAULT_TIMEOUT, |seconds| u64::try_from(seconds).map_or(NO_TIMEOUT, Duration::from_secs)))
    }

    /// A point in time as `seconds` or `seconds.nanoseconds`; `None` for `0` and an absent
    /// parameter.
    ///
    /// # Errors
    /// 500 with Go's message, as in dockerd.
    pub(crate) fn moment(&self, name: &str) -> Result<Option<Moment>, Refusal> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let wrong = |part: &str| Refusal::internal(format!("strconv.ParseInt: parsing {part:?}: invalid syntax"));
        let (seconds, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let seconds: i64 = seconds.parse().map_err(|_| wrong(seconds))?;
        // The fraction is digits after the point: ".5" is half a second.
        let digits: String = fraction.chars().chain("000000000".chars()).take(9).collect();
        let nanos: i64 = digits.parse().map_err(|_| wrong(fraction))?;
        let moment = Moment::from_nanos(seconds.saturating_mul(1_000_000_000).saturating_add(nanos));
        Ok(Some(moment).filter(|moment| moment.as_nanos() != 0))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn params(name: &str, value: &str) -> Params {
        Params(HashMap::from([(name.to_owned(), value.to_owned())]))
    }

    #[test]
    fn times_are_seconds_with_an_optional_fraction() {
        let moment = |text| params("since", text).moment("since").unwrap().map(Moment::as_nanos);
        assert_eq!(moment("1795426609"), Some(1_795_426_609_000_000_000));
        assert_eq!(moment("1795426609.387842386"), Some(1_795_426_609_387_842_386));
        assert_eq!(moment("2.5"), Some(2_500_000_000));
        assert_eq!(moment("0"), None);
        assert!(params("since", "abc").moment("since").is_err());
    }

    #[test]
    fn flags_are_parsed_as_by_dockerd() {
        let flag = |text| params("all", text).flag("all");
        assert!(flag("1") && flag("true") && flag("yes please"));
        assert!(!flag("0") && !flag("False") && !flag("") && !flag("no"));
    }
}
