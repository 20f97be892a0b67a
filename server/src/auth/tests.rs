#![allow(clippy::unwrap_used, reason = "a test that cannot write its own file has failed")]
use super::{accounts::Token, *};
use std::os::unix::fs::PermissionsExt as _;

const ISSUER: &str = "https://auth.example.org";
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

/// The origin of an unknown browser.
fn at(from: IpAddr) -> SignInOrigin<'static> {
    SignInOrigin { from, device: None }
}

fn person(name: &str, subject: &str) -> Person {
    let (name, subject) = (name.to_owned(), subject.to_owned());
    Person { name, subject, role: Role::Operator, labels: vec!["team=web".parse().unwrap()] }
}

fn typed(text: &str) -> Password {
    Password::new(text.to_owned())
}

#[tokio::test]
async fn sign_in_fails_without_users() {
    let folder = tempfile::tempdir().unwrap();
    let auth = open(folder.path());
    assert!(!auth.is_required());
    assert_eq!(auth.sign_in("ada", typed("correct horse"), at(HERE)).await.unwrap_err(), SignInError::Wrong);
}

#[tokio::test]
async fn a_session_survives_a_restart_and_ends_when_its_account_changes() {
    let folder = tempfile::tempdir().unwrap();
    let file = with_ada(folder.path());
    let auth = open(folder.path());
    assert!(auth.is_required());
    assert!(auth.sign_in("ada", typed("correct horsf"), at(HERE)).await.is_err());
    let secret = auth.sign_in("ada", typed("correct horse"), at(HERE)).await.unwrap().session;
    let kept = std::fs::read_to_string(folder.path().join("sessions.json")).unwrap();
    assert!(!kept.contains(secret.expose()));

    let auth = open(folder.path());
    let identity = auth.of_session(secret.expose()).unwrap();
    assert_eq!((&*identity.name, identity.role, identity.method), ("ada", Role::Operator, AuthMethod::Session));
    file.change(|accounts| accounts.change_user("ada", |ada| ada.role = Role::Viewer)).unwrap();
    auth.take(file.read().unwrap());
    assert!(auth.of_session(secret.expose()).is_none() && identity.open.is_cancelled());
}

#[tokio::test]
async fn a_provider_session_ends_when_the_provider_settings_change() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (Digest::of("one"), Digest::of("other"));
    let secret = open(folder.path()).sign_in_person(&person("ada", "1"), (one, ISSUER), HERE).unwrap();
    let auth = open(folder.path());
    auth.keep_those_of(Some(one));
    let identity = auth.of_session(secret.expose()).unwrap();
    assert!(identity.role == Role::Operator && !identity.scope.is_all());
    auth.keep_those_of(Some(other));
    assert!(auth.of_session(secret.expose()).is_none() && identity.open.is_cancelled());

    // A user with an account does not depend on the provider.
    with_ada(folder.path());
    let auth = open(folder.path());
    let secret = auth.sign_in("ada", typed("correct horse"), at(HERE)).await.unwrap().session;
    auth.keep_those_of(None);
    assert!(auth.of_session(secret.expose()).is_some());
}

#[tokio::test]
async fn removing_the_last_user_keeps_sign_in_required() {
    let folder = tempfile::tempdir().unwrap();
    let file = with_ada(folder.path());
    let auth = open(folder.path());
    file.change(|accounts| accounts.remove_user("ada")).unwrap();
    auth.take(file.read().unwrap());
    assert!(auth.accounts().is_empty() && auth.is_required());
}

#[tokio::test]
async fn a_token_is_valid_until_it_is_removed_or_expires() {
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
    assert!(identity.method == AuthMethod::Token && !identity.scope.is_all());
    file.change(|accounts| accounts.remove_token("prometheus")).unwrap();
    auth.take(file.read().unwrap());
    assert!(auth.of_token(secret.expose()).is_none() && identity.open.is_cancelled());
}

#[tokio::test]
async fn wrong_passwords_are_throttled_except_in_a_known_browser() {
    let folder = tempfile::tempdir().unwrap();
    let file = with_ada(folder.path());
    file.change(|accounts| accounts.add_user(account("bob", Role::Viewer))).unwrap();
    let auth = open(folder.path());
    let device = auth.sign_in("ada", typed("correct horse"), at(HERE)).await.unwrap().device.unwrap();
    for name in ["ada", "eve"] {
        for _ in 0..10 {
            assert_eq!(auth.sign_in(name, typed("x"), at(HERE)).await.unwrap_err(), SignInError::Wrong);
        }
        // Also with the right password, and for unknown users.
        let refused = auth.sign_in(name, typed("correct horse"), at(HERE)).await.unwrap_err();
        assert!(matches!(refused, SignInError::TooMany(_)), "{name}: {refused}");
    }
    assert!(auth.sign_in("bob", typed("correct horse"), at(HERE)).await.is_ok(), "bob has done nothing");
    let known = SignInOrigin { from: HERE, device: Some(device.expose()) };
    let again = auth.sign_in("ada", typed("correct horse"), known).await.unwrap();
    assert!(again.device.is_none(), "the browser keeps what it has");
    assert!(auth.sign_in("bob", typed("x"), known).await.is_err_and(|error| error == SignInError::Wrong));
    // Also after a restart.
    let auth = open(folder.path());
    for _ in 0..10 {
        assert!(auth.sign_in("ada", typed("x"), at(HERE)).await.is_err());
    }
    assert!(auth.sign_in("ada", typed("correct horse"), known).await.is_ok());
}

#[test]
fn a_wait_is_rounded_up_in_the_message() {
    let words = |millis| in_words(Duration::from_millis(millis));
    for (millis, expected) in
        [(0, "1 second"), (1_001, "2 seconds"), (59_500, "1 minute"), (290_000, "4 min 50 s"), (300_000, "5 minutes")]
    {
        assert_eq!(words(millis), expected);
    }
}

#[tokio::test]
async fn the_session_limit_is_per_user() {
    let folder = tempfile::tempdir().unwrap();
    let file = with_ada(folder.path());
    file.change(|accounts| accounts.add_user(account("eve", Role::Viewer))).unwrap();
    let auth = open(folder.path());
    let ada = auth.0.sessions.begin(auth.accounts().user("ada").unwrap(), HERE);
    // A provider's user named ada is another user.
    let other_ada = auth.sign_in_person(&person("ada", "1"), (Digest::of("one"), ISSUER), HERE).unwrap();
    let eve = auth.accounts().user("eve").unwrap().clone();
    let first = auth.0.sessions.begin(&eve, HERE);
    let (identity, mut last) = (auth.of_session(first.expose()).unwrap(), first.clone());
    // Each sign-in writes them to a disk that may be slow.
    for _ in 0..100 {
        last = auth.0.sessions.begin(&eve, HERE);
    }
    assert!(auth.of_session(first.expose()).is_none() && identity.open.is_cancelled());
    for held in [&ada, &other_ada, &last] {
        assert!(auth.of_session(held.expose()).is_some());
    }
    assert_eq!(sessions::kept(folder.path()).unwrap().len(), 20 + 2);
}

#[tokio::test]
async fn streams_of_a_token_end_when_it_expires() {
    let folder = tempfile::tempdir().unwrap();
    let file = AccountsFile::in_folder(folder.path());
    let secret = Secret::new("quay_");
    let end = now().as_millis() + 300;
    let (name, digest) = ("short".to_owned(), Digest::of(secret.expose()));
    let token = Token { name, role: Role::Viewer, labels: Vec::new(), digest, expires_at_millis: Some(end) };
    file.change(|accounts| accounts.add_token(token)).unwrap();
    let auth = open(folder.path());
    let following = tokio::spawn(auth.clone().follow(|_| ()));
    let identity = auth.of_token(secret.expose()).unwrap();
    identity.open.cancelled().await;
    let late = now().as_millis().checked_sub(end).unwrap();
    assert!(late < 250, "{late} ms late");
    assert!(auth.of_token(secret.expose()).is_none());
    following.abort();
}

#[tokio::test]
async fn streams_of_a_session_end_when_it_expires() {
    let folder = tempfile::tempdir().unwrap();
    with_ada(folder.path());
    let auth = Auth::open(folder.path(), Duration::from_millis(300), false, CancellationToken::new()).unwrap();
    let secret = auth.0.sessions.begin(auth.accounts().user("ada").unwrap(), HERE);
    let following = tokio::spawn(auth.clone().follow(|_| ()));
    let identity = auth.of_session(secret.expose()).unwrap();
    tokio::time::timeout(Duration::from_millis(1_000), identity.open.cancelled()).await.unwrap();
    assert!(auth.of_session(secret.expose()).is_none());
    following.abort();
}

#[tokio::test]
async fn sessions_can_be_ended_by_id_by_name_or_all() {
    use session_ends::{Ended, request};
    let folder = tempfile::tempdir().unwrap();
    with_ada(folder.path());
    let auth = open(folder.path());
    let ada = auth.accounts().user("ada").unwrap().clone();
    let id_of = |secret: &Secret| session_id(&Digest::of(secret.expose()));
    let [one, other] = [auth.0.sessions.begin(&ada, HERE), auth.0.sessions.begin(&ada, HERE)];
    let bob = auth.sign_in_person(&person("bob", "2"), (Digest::of("one"), ISSUER), HERE).unwrap();
    let holds = |secret: &Secret| auth.of_session(secret.expose()).is_some();
    request(folder.path(), Ended::Id(id_of(&one))).unwrap();
    assert_eq!(auth.end_requested().as_deref(), Some("1 ended, of ada"));
    assert!(!holds(&one) && holds(&other) && holds(&bob));
    request(folder.path(), Ended::Account("bob".to_owned())).unwrap();
    assert_eq!(auth.end_requested().as_deref(), Some("1 ended, of bob"));
    assert!(holds(&other) && !holds(&bob));
    // A server that starts later also applies it; later sign-ins stay.
    request(folder.path(), Ended::All).unwrap();
    let auth = open(folder.path());
    assert!(auth.of_session(other.expose()).is_none());
    tokio::time::sleep(Duration::from_millis(2)).await;
    let later = auth.0.sessions.begin(&ada, HERE);
    assert!(auth.end_requested().is_none() && auth.of_session(later.expose()).is_some());
}

#[tokio::test]
async fn streams_of_a_token_end_when_it_changes() {
    let folder = tempfile::tempdir().unwrap();
    let file = AccountsFile::in_folder(folder.path());
    let (secret, name) = (Secret::new("quay_"), "deploy".to_owned());
    let digest = Digest::of(secret.expose());
    let token = Token { name, role: Role::Operator, labels: Vec::new(), digest, expires_at_millis: None };
    file.change(|accounts| accounts.add_token(token)).unwrap();
    let auth = open(folder.path());
    let identity = auth.of_token(secret.expose()).unwrap();
    file.change(|accounts| accounts.change_token("deploy", |token| token.role = Role::Viewer)).unwrap();
    auth.take(file.read().unwrap());
    assert!(identity.open.is_cancelled());
    let identity = auth.of_token(secret.expose()).unwrap();
    assert!(identity.role == Role::Viewer && !identity.open.is_cancelled());
}

#[test]
fn the_accounts_file_is_private_and_refused_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let file = with_ada(folder.path());
    assert_eq!(std::fs::metadata(file.path()).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(file.change(|accounts| accounts.add_user(account("ada", Role::Admin))).is_err());
    assert!(file.change(|accounts| accounts.add_user(account("a b", Role::Admin))).is_err());
    assert_eq!(file.read().unwrap().users().len(), 1);
    std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(file.read().unwrap_err().to_string().contains("chmod 600"));
}
