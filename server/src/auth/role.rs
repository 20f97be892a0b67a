//! Roles, and the containers a user may see.

use app::model::Container;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Role. Each role includes the rights of those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// See containers.
    Viewer,
    /// Start, stop, restart, pause, kill and remove, and see secrets.
    Operator,
    /// Read the audit log.
    Admin,
}

impl Role {
    /// Name in settings and responses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Admin => "admin",
        }
    }

    /// True if the role may change containers and see their secrets.
    pub fn may_act(self) -> bool {
        self >= Self::Operator
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let roles = [Self::Viewer, Self::Operator, Self::Admin];
        roles.into_iter().find(|role| role.as_str() == text).ok_or("expected viewer, operator or admin")
    }
}

/// A label that a container must have: `team=web`, or `team` with any value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Selector {
    name: String,
    value: Option<String>,
}

impl Selector {
    fn selects(&self, has_label: impl Fn(&str, Option<&str>) -> bool) -> bool {
        has_label(&self.name, self.value.as_deref())
    }
}

impl FromStr for Selector {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (text, None),
        };
        if name.is_empty() || name.contains(char::is_whitespace) {
            return Err("expected a label such as team=web");
        }
        Ok(Self { name: name.to_owned(), value })
    }
}

impl TryFrom<String> for Selector {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Selector> for String {
    fn from(selector: Selector) -> Self {
        selector.to_string()
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Some(value) => write!(f, "{}={value}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

/// Containers a user may see.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// All containers.
    #[default]
    All,
    /// Containers with one of these labels.
    Labels(Vec<Selector>),
    /// No containers.
    Nothing,
}

impl Scope {
    /// Containers with one of `selectors`; all, if there are none.
    pub fn new(mut selectors: Vec<Selector>) -> Self {
        selectors.sort_unstable();
        selectors.dedup();
        if selectors.is_empty() { Self::All } else { Self::Labels(selectors) }
    }

    /// True if the scope includes all containers.
    pub fn is_all(&self) -> bool {
        *self == Self::All
    }

    /// True if the scope includes this container. Compares the real values of labels, even of
    /// masked ones.
    pub fn sees(&self, container: &Container) -> bool {
        self.sees_labels(|name, value| container.has_label(name, value))
    }

    /// True if it includes something with these labels. `has_label` returns true for a name with
    /// any value, or with the given one.
    pub fn sees_labels(&self, has_label: impl Fn(&str, Option<&str>) -> bool) -> bool {
        match self {
            Self::All => true,
            Self::Labels(selectors) => selectors.iter().any(|selector| selector.selects(&has_label)),
            Self::Nothing => false,
        }
    }
}

/// Role of the members of a group: `GROUP=ROLE`, or `GROUP=ROLE:LABEL`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRole {
    group: String,
    role: Role,
    selector: Option<Selector>,
}

impl FromStr for GroupRole {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let expected = "expected GROUP=ROLE or GROUP=ROLE:LABEL, such as ops=operator:team=web";
        let (group, rest) = text.trim().split_once('=').ok_or(expected)?;
        let (role, label) = rest.split_once(':').map_or((rest, None), |(role, label)| (role, Some(label)));
        let role = role.parse().map_err(|_| expected)?;
        let selector = label.map(str::parse).transpose().map_err(|_| expected)?;
        if group.is_empty() { Err(expected) } else { Ok(Self { group: group.to_owned(), role, selector }) }
    }
}

impl GroupRole {
    /// Role and scope of a user in these groups: the highest role, and the labels of all groups
    /// with that role. `None`: no access. Without any group roles, every user is a viewer.
    pub fn of(groups: &[String], roles: &[Self]) -> Option<(Role, Scope)> {
        if roles.is_empty() {
            return Some((Role::Viewer, Scope::default()));
        }
        let of_mine = || roles.iter().filter(|role| groups.contains(&role.group));
        let highest = of_mine().map(|role| role.role).max()?;
        let selectors: Option<Vec<_>> =
            of_mine().filter(|role| role.role == highest).map(|role| role.selector.clone()).collect();
        // A group without a label sees everything.
        Some((highest, Scope::new(selectors.unwrap_or_default())))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot read its own data has failed")]
    use super::*;
    use app::model::{ConcealedLabels, ContainerKey, EngineName};

    fn labels(pairs: &[(&str, &str)]) -> Container {
        let labels = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Container {
            labels,
            ..Container::unknown(ContainerKey::new(EngineName::LOCAL, "ab".repeat(32).parse().unwrap()))
        }
    }

    #[test]
    fn a_scope_matches_any_of_its_labels_or_everything_without_labels() {
        let scope = |texts: &[&str]| Scope::new(texts.iter().map(|text| text.parse().unwrap()).collect());
        let web = labels(&[("team", "web")]);
        assert!(scope(&[]).sees(&web) && scope(&["team=web"]).sees(&web) && scope(&["team"]).sees(&web));
        assert!(scope(&["tier=db", "team=web"]).sees(&web));
        for other in ["team=we", "team=", "web", "Team=web"] {
            assert!(!scope(&[other]).sees(&web), "{other}");
        }
        assert!(!scope(&["team=web"]).sees(&labels(&[])));
    }

    #[test]
    fn a_masked_label_is_compared_by_its_real_value() {
        let concealed = [("secret-long", None), ("secret-team", Some("web".to_owned()))];
        let concealed = concealed.map(|(name, value)| (name.to_owned(), value));
        let shown = labels(&[("secret-long", "******"), ("secret-team", "******"), ("tier", "db")]);
        let container = Container { concealed_labels: ConcealedLabels::new(concealed), ..shown };
        let sees = |text: &str| Scope::new(vec![text.parse().unwrap()]).sees(&container);
        assert!(sees("secret-team=web") && sees("secret-team") && sees("secret-long") && sees("tier=db"));
        assert!(!sees("secret-team=******") && !sees("secret-team=we") && !sees("secret-long=******"));
        let json = serde_json::to_string(&container).unwrap();
        assert!(!json.contains("web") && !format!("{container:?}").contains("web"), "{json}");
    }

    #[test]
    fn the_highest_role_of_a_users_groups_applies() {
        let roles: Vec<GroupRole> = ["all=viewer", "web=operator:team=web", "db=operator:team=db", "root=admin"]
            .map(|text| text.parse().unwrap())
            .into();
        let of = |groups: &[&str]| {
            GroupRole::of(&groups.iter().map(|group| (*group).to_owned()).collect::<Vec<_>>(), &roles)
        };
        assert_eq!(of(&["nobody"]), None);
        assert_eq!(of(&["all"]), Some((Role::Viewer, Scope::default())));
        let (role, scope) = of(&["all", "web", "db"]).unwrap();
        assert_eq!(role, Role::Operator);
        assert!(scope.sees(&labels(&[("team", "db")])) && !scope.sees(&labels(&[("team", "ml")])));
        assert_eq!(of(&["root", "web"]), Some((Role::Admin, Scope::default())));
        assert_eq!(GroupRole::of(&[], &[]), Some((Role::Viewer, Scope::default())));
    }

    #[test]
    fn invalid_labels_and_roles_are_rejected() {
        for wrong in ["", "=web", "a b=c"] {
            assert!(wrong.parse::<Selector>().is_err(), "{wrong}");
        }
        for wrong in ["", "ops", "ops=", "=admin", "ops=root", "ops=admin:"] {
            assert!(wrong.parse::<GroupRole>().is_err(), "{wrong}");
        }
    }
}
