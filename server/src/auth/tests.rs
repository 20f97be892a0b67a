#![allow(clippy::unwrap_used, reason = "a test that cannot write its own file has failed")]
use super::{accounts::Token, *};
use std::os::unix::fs::PermissionsExt as _;

const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

fn account(name: &str, role: Role) -> Account {
    let password = Password::new("correct horse".to_owned()).hash().unwrap();
    Account { name: name.to_owned(), role, labels: Vec::new(), password, sign_outs: 0 }
}

fn with_ada(folder: &Path) -> AccountsFile {
    let file = AccountsFile::in_folder(folder);
    file.change(|accounts| accounts.add_user(account("ada", Role::Operator))).unwrap();
    file
}

fn open(folder: &Path) -> Auth {
    Auth::open(folder, Duration::from_secs(3600), false, CancellationToken::new()).unwrap()
}

fn typed(text: &str) -> Password {
    Password::new(text.to_owned())
}

#[tokio::test]
async fn nobody_signs_in_where_there_is_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let auth = open(folder.path());
    assert!(!auth.is_required());
    assert_eq!(auth.sign_in("ada", typed("correct horse"), HERE).await.unwrap_err(), SignInError::Wrong);
}

#[tokio::test]
async fn a_session_outlives_a_restart_and_ends_with_what_its_account_was() {
    let folder = tempfile::tempdir().unwrap();
    let file = with_ada(folder.path());
    let auth = open(folder.path());
    assert!(auth.is_required());
    assert!(auth.sign_in("ada", typed("correct horsf"), HERE).await.is_err());
    let secret = auth.sign_in("ada", typed("correct horse"), HERE).await.unwrap();
    let kept = std::fs::read_to_string(folder.path().join("sessions.json")).unwrap();
    assert!(!kept.contains(secret.expose()));

    let auth = open(folder.path());
    let identity = auth.of_session(secret.expose()).unwrap();
    assert_eq!((&*identity.name, identity.role, identity.means), ("ada", Role::Operator, Means::Session));
    file.change(|accounts| accounts.change_user("ada", |ada| ada.role = Role::Viewer)).unwrap();
    auth.take(file.read().unwrap());
    assert!(auth.of_session(secret.expose()).is_none() && identity.open.is_cancelled());
}

#[tokio::test]
async fn a_session_of_a_provider_ends_with_its_settings() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (Digest::of("one"), Digest::of("other"));
    let person = Person { name: "ada".to_owned(), role: Role::Operator, labels: vec!["team=web".parse().unwrap()] };
    let secret = open(folder.path()).sign_in_person(person, one);
    let auth = open(folder.path());
    auth.keep_those_of(Some(one));
    let identity = auth.of_session(secret.expose()).unwrap();
    assert!(identity.role == Role::Operator && !identity.scope.is_all());
    auth.keep_those_of(Some(other));
    assert!(auth.of_session(secret.expose()).is_none() && identity.open.is_cancelled());

    // Who has an account here does not come from a provider.
    with_ada(folder.path());
    let auth = open(folder.path());
    let secret = auth.sign_in("ada", typed("correct horse"), HERE).await.unwrap();
    auth.keep_those_of(None);
    assert!(auth.of_session(secret.expose()).is_some());
}

#[tokio::test]
async fn removing_the_last_user_opens_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = with_ada(folder.path());
    let auth = open(folder.path());
    file.change(|accounts| accounts.remove_user("ada")).unwrap();
    auth.take(file.read().unwrap());
    assert!(auth.accounts().is_empty() && auth.is_required());
}

#[tokio::test]
async fn a_token_holds_until_it_is_removed_or_over() {
    let folder = tempfile::tempdir().unwrap();
    let file = AccountsFile::in_folder(folder.path());
    let secret = Secret::new("quay_");
    let token = |name: &str, digest, expires_at_millis| Token {
        name: name.to_owned(),
        role: Role::Viewer,
        labels: vec!["team=web".parse().unwrap()],
        digest,
        expires_at_millis,
    };
    let over = Secret::new("quay_");
    file.change(|accounts| {
        accounts.add_token(token("prometheus", Digest::of(secret.expose()), None))?;
        accounts.add_token(token("old", Digest::of(over.expose()), Some(1)))
    })
    .unwrap();
    let auth = open(folder.path());
    assert!(auth.of_token(over.expose()).is_none() && auth.of_token("quay_x").is_none());
    let identity = auth.of_token(secret.expose()).unwrap();
    assert!(identity.means == Means::Token && !identity.scope.is_all());
    file.change(|accounts| accounts.remove_token("prometheus")).unwrap();
    auth.take(file.read().unwrap());
    assert!(auth.of_token(secret.expose()).is_none() && identity.open.is_cancelled());
}

#[tokio::test]
async fn wrong_attempts_have_to_wait_at_last() {
    let folder = tempfile::tempdir().unwrap();
    with_ada(folder.path());
    let auth = open(folder.path());
    for _ in 0..10 {
        assert_eq!(auth.sign_in("eve", typed("x"), HERE).await.unwrap_err(), SignInError::Wrong);
    }
    assert!(matches!(auth.sign_in("ada", typed("correct horse"), HERE).await, Err(SignInError::TooMany(_))));
}

#[test]
fn the_file_is_its_owners_alone_and_one_that_is_not_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = with_ada(folder.path());
    assert_eq!(std::fs::metadata(file.path()).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(file.change(|accounts| accounts.add_user(account("ada", Role::Admin))).is_err());
    assert!(file.change(|accounts| accounts.add_user(account("a b", Role::Admin))).is_err());
    assert_eq!(file.read().unwrap().users().len(), 1);
    std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(file.read().unwrap_err().to_string().contains("chmod 600"));
}
