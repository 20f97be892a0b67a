//! A user whom the OpenID provider has authenticated.

use super::{Role, Selector};

/// A user whom the OpenID provider has authenticated, with the user's rights on this server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Name to show; the user may have chosen it.
    pub name: String,
    /// The provider's own id for the user, which no other user has.
    pub subject: String,
    /// Highest role of the user's groups.
    pub role: Role,
    /// Labels of the containers they may see; all containers, if empty.
    pub labels: Vec<Selector>,
}
