#![allow(clippy::unwrap_used, reason = "a test that cannot write its own file has failed")]
use super::*;
use std::{
    fs,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

fn action(who: &str) -> Entry {
    Entry::new("stop", who, "session", HERE).to("ab".repeat(32).parse().unwrap(), None)
}

fn failed_sign_in(who: &str, from: IpAddr) -> Entry {
    Entry::new("signIn", who, "session", from).ended(Outcome::Denied, Some("wrong"))
}

fn told(audit: &Audit) -> Vec<(String, String, u64)> {
    audit.newest(usize::MAX).into_iter().map(|entry| (entry.who, entry.action, entry.count)).collect()
}

fn told_of(who: &str, action: &str, count: u64) -> (String, String, u64) {
    (who.to_owned(), action.to_owned(), count)
}

#[test]
fn failed_sign_ins_are_one_entry_and_push_no_action_out() {
    let audit = Audit::default();
    audit.record(action("ada"));
    for place in 0..10_400 {
        audit.record(failed_sign_in(&format!("name {place}"), HERE));
    }
    assert_eq!(told(&audit), [told_of("ada", "stop", 1), told_of("name 0", "signIn", 10_400)]);
    let entry = audit.newest(1).remove(0);
    assert!(entry.last_at.unwrap() >= entry.at && entry.names.len() == 8 && entry.names[0] == "name 0");
}

#[test]
fn a_flood_from_many_addresses_is_bounded_too() {
    let audit = Audit::default();
    audit.record(action("ada"));
    for place in 0..20_000_u128 {
        audit.record(failed_sign_in("root", Ipv6Addr::from_bits((0x2001_0db8 << 96) | (place << 64)).into()));
    }
    let all = audit.newest(usize::MAX);
    assert_eq!(all.len(), 1 + 257, "one each for 256 networks, and one for all others");
    assert_eq!(all.iter().map(|entry| entry.count).sum::<u64>(), 20_001);
    assert!(told(&audit).contains(&told_of("ada", "stop", 1)));
}

#[test]
fn no_role_pushes_out_what_others_did() {
    let audit = Audit::default();
    audit.record(action("ada"));
    for place in 0..12_000_u64 {
        let id = format!("{place:064x}").parse().unwrap();
        let eve = |action: &str| Entry::new(action, "eve", "session", HERE);
        // A viewer requests what is not allowed, of containers that need not exist, and signs in
        // and out.
        audit.record(eve("stop").to(id, None).ended(Outcome::Denied, Some("viewer")));
        audit.record(eve("showSecrets").to(id, None).ended(Outcome::Denied, None));
        audit.record(eve("signIn"));
        audit.record(eve("signOut"));
        // An operator views secrets of everything.
        audit.record(Entry::new("showSecrets", "bob", "session", HERE).to(id, None));
    }
    let all = told(&audit);
    assert!(all.contains(&told_of("ada", "stop", 1)) && all.contains(&told_of("eve", "stop", 12_000)));
    assert!(all.len() < 2_100, "{}", all.len());
}

#[test]
fn the_same_name_of_two_issuers_is_two_users() {
    use crate::auth::Issuer;
    let audit = Audit::default();
    let refused = || action("ada").ended(Outcome::Denied, None);
    audit.record(refused().of(&Issuer::Local));
    audit.record(refused().of(&Issuer::openid("https://auth.example.org", "1")));
    audit.record(refused().of(&Issuer::openid("https://auth.example.org", "2")));
    audit.record(refused().of(&Issuer::Proxy));
    let told: Vec<_> = audit.newest(9).into_iter().map(|entry| (entry.issuer, entry.subject)).collect();
    let provider = || "https://auth.example.org".to_owned();
    let expected = [
        ("local".to_owned(), None),
        (provider(), Some("1".to_owned())),
        (provider(), Some("2".to_owned())),
        ("proxy".to_owned(), None),
    ];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn a_server_that_starts_again_goes_on_from_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.jsonl");
    let (audit, writer) = Audit::open(Some(path.clone()));
    let writing = tokio::spawn(writer.unwrap().run());
    audit.record(action("ada"));
    for _ in 0..3 {
        audit.record(failed_sign_in("eve", HERE));
    }
    audit.record(action("bob"));
    audit.flush().await;
    writing.abort();
    let actions = fs::read_to_string(&path).unwrap();
    assert_eq!((actions.lines().count(), actions.contains("eve")), (2, false), "{actions}");
    for line in actions.lines() {
        assert!(serde_json::from_str::<serde_json::Value>(line).unwrap().is_object());
    }
    let (audit, _writer) = Audit::open(Some(path));
    let mut entries = told(&audit);
    // Perhaps all within one millisecond.
    entries.sort();
    assert_eq!(entries, [told_of("ada", "stop", 1), told_of("bob", "stop", 1), told_of("eve", "signIn", 3)]);
}

#[tokio::test]
async fn without_a_file_all_is_in_memory() {
    let (audit, writer) = Audit::open(None);
    audit.record(action("ada"));
    audit.flush().await;
    assert!(writer.is_none() && told(&audit).len() == 1);
}
