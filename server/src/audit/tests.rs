#![allow(clippy::unwrap_used, reason = "a test that cannot write its own file has failed")]
use super::*;
use std::{
    fs,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

fn action(who: &str) -> Entry {
    Entry::new("stop", who, "session", HERE).to(
        Some(app::model::EngineName::LOCAL),
        "ab".repeat(32).parse().unwrap(),
        None,
    )
}

fn failed_sign_in(who: &str, from: IpAddr) -> Entry {
    Entry::new("signIn", who, "session", from).ended(Outcome::Denied, Some("wrong"))
}

fn recorded(audit: &Audit) -> Vec<(String, String, u64)> {
    audit.newest(usize::MAX).into_iter().map(|entry| (entry.who, entry.action, entry.count)).collect()
}

fn summary(who: &str, action: &str, count: u64) -> (String, String, u64) {
    (who.to_owned(), action.to_owned(), count)
}

#[test]
fn failed_sign_ins_are_merged_and_evict_no_action() {
    let audit = Audit::default();
    audit.record(action("ada"));
    for place in 0..10_400 {
        audit.record(failed_sign_in(&format!("name {place}"), HERE));
    }
    assert_eq!(recorded(&audit), [summary("ada", "stop", 1), summary("name 0", "signIn", 10_400)]);
    let entry = audit.newest(1).remove(0);
    assert!(entry.last_at.unwrap() >= entry.at && entry.names.len() == 8 && entry.names[0] == "name 0");
}

#[test]
fn a_flood_from_many_addresses_is_bounded() {
    let audit = Audit::default();
    audit.record(action("ada"));
    for place in 0..20_000_u128 {
        audit.record(failed_sign_in("root", Ipv6Addr::from_bits((0x2001_0db8 << 96) | (place << 64)).into()));
    }
    let all = audit.newest(usize::MAX);
    assert_eq!(all.len(), 1 + 257, "one each for 256 networks, and one for all others");
    assert_eq!(all.iter().map(|entry| entry.count).sum::<u64>(), 20_001);
    assert!(recorded(&audit).contains(&summary("ada", "stop", 1)));
}

#[test]
fn one_users_entries_do_not_evict_those_of_others() {
    let audit = Audit::default();
    audit.record(action("ada"));
    for place in 0..12_000_u64 {
        let id = format!("{place:064x}").parse().unwrap();
        let eve = |action: &str| Entry::new(action, "eve", "session", HERE);
        // A viewer sends forbidden requests, for containers that may not exist, and signs in
        // and out.
        audit.record(eve("stop").to(None, id, None).ended(Outcome::Denied, Some("viewer")));
        audit.record(eve("showSecrets").to(None, id, None).ended(Outcome::Denied, None));
        audit.record(eve("signIn"));
        audit.record(eve("signOut"));
        // An operator views the secrets of every container.
        audit.record(Entry::new("showSecrets", "bob", "session", HERE).to(None, id, None));
    }
    let all = recorded(&audit);
    assert!(all.contains(&summary("ada", "stop", 1)) && all.contains(&summary("eve", "stop", 12_000)));
    assert!(all.len() < 2_100, "{}", all.len());
}

#[test]
fn the_same_name_from_two_issuers_is_two_users() {
    use crate::auth::Issuer;
    let audit = Audit::default();
    let refused = || action("ada").ended(Outcome::Denied, None);
    audit.record(refused().of(&Issuer::Local));
    audit.record(refused().of(&Issuer::openid("https://auth.example.org", "1")));
    audit.record(refused().of(&Issuer::openid("https://auth.example.org", "2")));
    audit.record(refused().of(&Issuer::Proxy));
    let recorded: Vec<_> = audit.newest(9).into_iter().map(|entry| (entry.issuer, entry.subject)).collect();
    let provider = || "https://auth.example.org".to_owned();
    let expected = [
        ("local".to_owned(), None),
        (provider(), Some("1".to_owned())),
        (provider(), Some("2".to_owned())),
        ("proxy".to_owned(), None),
    ];
    assert_eq!(recorded, expected);
}

#[tokio::test]
async fn entries_are_read_from_the_file_after_a_restart() {
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
    let mut entries = recorded(&audit);
    // They may have the same millisecond.
    entries.sort();
    assert_eq!(entries, [summary("ada", "stop", 1), summary("bob", "stop", 1), summary("eve", "signIn", 3)]);
}

#[tokio::test]
async fn entries_stay_in_memory_without_a_file() {
    let (audit, writer) = Audit::open(None);
    audit.record(action("ada"));
    audit.flush().await;
    assert!(writer.is_none() && recorded(&audit).len() == 1);
}
