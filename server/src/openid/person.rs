//! Reads the claims of the provider about a user.

use super::OpenIdError;
use crate::auth::{GroupRole, Person, Scope};
use openidconnect::{
    AdditionalClaims, EndUserEmail, EndUserUsername, IdTokenClaims, SubjectIdentifier, UserInfoClaims,
    core::CoreGenderClaim,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashMap;

/// Maximum length of names; longer ones are truncated.
const MAX_NAME_CHARS: usize = 64;

/// The user, with a role and labels according to the groups.
///
/// # Errors
/// When none of `groups` has a role.
pub(super) fn person(claims: &Claims, groups: &[String], roles: &[GroupRole]) -> Result<Person, OpenIdError> {
    let (name, subject) = (claims.name(), claims.subject().as_str().to_owned());
    match GroupRole::of(groups, roles) {
        Some((role, Scope::All)) => Ok(Person { name, subject, role, labels: Vec::new() }),
        Some((role, Scope::Labels(labels))) => Ok(Person { name, subject, role, labels }),
        Some((_, Scope::Nothing)) | None => Err(OpenIdError::NoRole { name, subject }),
    }
}

/// Claims without a field in the library, by name.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct OtherClaims(HashMap<String, Value>);

impl AdditionalClaims for OtherClaims {}

/// Claims about a user.
#[derive(Debug, Clone)]
pub(super) struct Claims {
    subject: SubjectIdentifier,
    username: Option<EndUserUsername>,
    email: Option<EndUserEmail>,
    is_email_verified: bool,
    others: HashMap<String, Value>,
}

impl From<&IdTokenClaims<OtherClaims, CoreGenderClaim>> for Claims {
    fn from(claims: &IdTokenClaims<OtherClaims, CoreGenderClaim>) -> Self {
        Self {
            subject: claims.subject().clone(),
            username: claims.preferred_username().cloned(),
            email: claims.email().cloned(),
            is_email_verified: claims.email_verified() == Some(true),
            others: claims.additional_claims().0.clone(),
        }
    }
}

impl From<UserInfoClaims<OtherClaims, CoreGenderClaim>> for Claims {
    fn from(claims: UserInfoClaims<OtherClaims, CoreGenderClaim>) -> Self {
        Self {
            subject: claims.subject().clone(),
            username: claims.preferred_username().cloned(),
            email: claims.email().cloned(),
            is_email_verified: claims.email_verified() == Some(true),
            others: claims.additional_claims().0.clone(),
        }
    }
}

impl Claims {
    pub(super) fn subject(&self) -> &SubjectIdentifier {
        &self.subject
    }

    /// True if the claims include a name and groups. Some providers put these into the token,
    /// others only into the user info.
    pub(super) fn are_enough(&self, groups: &str) -> bool {
        (self.username.is_some() || self.email.is_some()) && self.value(groups).is_some()
    }

    /// Fills in missing claims from `more`.
    pub(super) fn or(self, more: Self) -> Self {
        let Self { subject, username, email, is_email_verified, others } = self;
        // It only qualifies the address.
        let is_email_verified = if email.is_some() { is_email_verified } else { more.is_email_verified };
        let (username, email) = (username.or(more.username), email.or(more.email));
        let others = more.others.into_iter().chain(others).collect();
        Self { subject, username, email, is_email_verified, others }
    }

    /// User name; without one, the email address; without both, the subject.
    pub(super) fn name(&self) -> String {
        let username = self.username.as_ref().map(|name| name.as_str());
        let email = self.email.as_ref().map(|email| email.as_str());
        let names = username.into_iter().chain(email).chain([self.subject.as_str()]);
        let plain =
            |name: &str| name.trim().chars().filter(|letter| !letter.is_control()).take(MAX_NAME_CHARS).collect();
        names.map(plain).find(|name: &String| !name.is_empty()).unwrap_or_default()
    }

    /// Groups in a claim: each string of a list, or a single string. A string is split at commas
    /// only if the claim is named after groups or roles; otherwise it is one group.
    pub(super) fn groups(&self, claim: &str) -> Vec<String> {
        let groups = match self.value(claim) {
            Some(Value::Array(texts)) => texts.iter().filter_map(Value::as_str).map(ToOwned::to_owned).collect(),
            Some(Value::String(text)) if lists_groups(claim) => {
                text.split(',').map(|group| group.trim().to_owned()).collect()
            }
            Some(Value::String(text)) => vec![text],
            // Numbers, maps and nested lists are not groups.
            _ => Vec::new(),
        };
        groups.into_iter().filter(|group| !group.is_empty()).collect()
    }

    /// Value of a claim. `sub` and a verified `email` can be used as groups if the provider has
    /// none.
    fn value(&self, claim: &str) -> Option<Value> {
        match claim {
            "sub" => Some(self.subject.as_str().into()),
            "email" => self.email.as_ref().filter(|_| self.is_email_verified).map(|email| email.as_str().into()),
            other => self.others.get(other).cloned(),
        }
    }
}

/// True if the provider composes the claim, as with `groups`, `memberOf` or
/// `https://example.org/roles`. Other claims may contain what a user chose, and a comma in
/// `"x,admins,y"@example.org` must not add the user to a group.
fn lists_groups(claim: &str) -> bool {
    let name = claim.to_ascii_lowercase();
    !matches!(claim, "sub" | "email") && ["group", "role", "memberof"].iter().any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot read its own data has failed")]
    use super::*;

    fn claims(text: &str) -> Claims {
        let read: UserInfoClaims<OtherClaims, CoreGenderClaim> =
            UserInfoClaims::from_json::<std::fmt::Error>(text.as_bytes(), None).unwrap();
        read.into()
    }

    #[test]
    fn groups_are_a_list_a_text_or_absent() {
        let groups = |value: &str| claims(&format!(r#"{{"sub":"1","groups":{value}}}"#)).groups("groups");
        assert_eq!(groups(r#"["ops","web team", 7]"#), ["ops", "web team"]);
        assert_eq!(groups(r#""ops, staff,""#), ["ops", "staff"]);
        assert_eq!(groups(r#"["ops, staff"]"#), ["ops, staff"], "a list's texts are whole");
        for none in ["[]", "null", "7", "true", r#"{"ops":true}"#, r#"[["ops"]]"#, r#"[{"ops":true}]"#, r#""""#] {
            assert!(groups(none).is_empty(), "{none}");
        }
        assert!(claims(r#"{"sub":"1"}"#).groups("groups").is_empty());
    }

    #[test]
    fn a_text_is_one_group_in_claims_that_users_can_choose() {
        for claim in ["upn", "login", "mail", "department", "https://example.org/name"] {
            for whole in ["x,admins,y", "admins, staff", r#""x,admins,y"@evil.example"#, " admins"] {
                let text = serde_json::json!({ "sub": "1", claim: whole }).to_string();
                assert_eq!(claims(&text).groups(claim), [whole], "{claim}");
            }
        }
        for claim in ["roles", "memberOf", "https://example.org/groups", "cognito:groups"] {
            let text = serde_json::json!({ "sub": "1", claim: "ops,staff" }).to_string();
            assert_eq!(claims(&text).groups(claim), ["ops", "staff"], "{claim}");
        }
    }

    #[test]
    fn an_email_address_is_a_group_only_if_verified() {
        let groups = |text: &str| claims(text).groups("email");
        assert_eq!(groups(r#"{"sub":"1","email":"a@b","email_verified":true}"#), ["a@b"]);
        assert!(groups(r#"{"sub":"1","email":"a@b"}"#).is_empty());
        assert_eq!(claims(r#"{"sub":"1"}"#).groups("sub"), ["1"]);
    }

    #[test]
    fn an_email_or_subject_with_commas_is_one_value() {
        let address = r#""x,ada@example.org,y"@evil.example"#;
        let text = serde_json::json!({ "sub": "x,admins", "email": address, "email_verified": true }).to_string();
        assert_eq!(claims(&text).groups("email"), [address]);
        assert_eq!(claims(&text).groups("sub"), ["x,admins"]);
        let roles = ["ada@example.org=admin".parse().unwrap(), "admins=admin".parse().unwrap()];
        for claim in ["email", "sub"] {
            let claims = claims(&text);
            let person = person(&claims, &claims.groups(claim), &roles);
            assert!(matches!(person, Err(OpenIdError::NoRole { .. })), "{claim}: {person:?}");
        }
    }

    #[test]
    fn the_best_available_name_is_used_and_sanitized() {
        assert_eq!(claims(r#"{"sub":"1","email":"a@b","preferred_username":"ada"}"#).name(), "ada");
        assert_eq!(claims(r#"{"sub":"1","email":"a@b","preferred_username":" "}"#).name(), "a@b");
        assert_eq!(claims(r#"{"sub":"1"}"#).name(), "1");
        assert_eq!(claims("{\"sub\":\"a\\u001b[31m\\nb\"}").name(), "a[31mb");
        assert_eq!(claims(&format!(r#"{{"sub":"{}"}}"#, "ä".repeat(100))).name().chars().count(), MAX_NAME_CHARS);
    }

    #[test]
    fn token_claims_override_userinfo() {
        let token = claims(r#"{"sub":"1","groups":["ops"]}"#);
        assert!(!token.are_enough("groups"));
        let both = token.or(claims(r#"{"sub":"1","preferred_username":"ada","groups":["root"],"team":"web"}"#));
        assert!(both.are_enough("groups"));
        assert_eq!(
            (both.name(), both.groups("groups"), both.groups("team")),
            ("ada".into(), vec!["ops".into()], vec!["web".into()])
        );
    }
}
