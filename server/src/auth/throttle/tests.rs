#![allow(clippy::unwrap_used, reason = "a test that cannot write an address has failed")]
use super::*;

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const ELSEWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

fn of(name: &str, from: IpAddr) -> Attempt<'_> {
    Attempt { name, from, device: None }
}

fn wrong(throttle: &Throttle, name: &str, from: IpAddr, times: u32) {
    for _ in 0..times {
        throttle.admit(of(name, from)).unwrap();
    }
}

fn right(throttle: &Throttle, name: &str, from: IpAddr) {
    throttle.succeeded(&throttle.admit(of(name, from)).unwrap());
}

/// The nth address of a crowd in which each client has its own network.
fn of_crowd(place: u32) -> IpAddr {
    Ipv4Addr::from_bits(0x0a00_0000 + (place << 8)).into()
}

#[tokio::test(start_paused = true)]
async fn ten_wrong_passwords_throttle_one_name_at_one_address() {
    let throttle = Throttle::default();
    wrong(&throttle, "ada", HERE, MAX_OF_ADDRESS);
    assert_eq!(throttle.admit(of("ada", HERE)).unwrap_err(), WINDOW);
    // As behind an undeclared proxy: every client has its address.
    assert!(throttle.admit(of("bob", HERE)).is_ok());
    assert!(throttle.admit(of("ada", ELSEWHERE)).is_ok());
    tokio::time::advance(WINDOW - Duration::from_secs(1)).await;
    assert_eq!(throttle.admit(of("ada", HERE)).unwrap_err(), Duration::from_secs(1));
    tokio::time::advance(Duration::from_secs(1)).await;
    assert!(throttle.admit(of("ada", HERE)).is_ok());
}

#[tokio::test(start_paused = true)]
async fn guesses_for_many_names_do_not_throttle_another_name() {
    let throttle = Throttle::default();
    for place in 0..600 {
        wrong(&throttle, &format!("name {place}"), HERE, 1);
    }
    assert!(throttle.admit(of("ada", HERE)).is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_sign_in_resets_only_its_own_name_at_its_own_address() {
    let throttle = Throttle::default();
    wrong(&throttle, "ada", HERE, MAX_OF_ADDRESS);
    wrong(&throttle, "eve", HERE, MAX_OF_ADDRESS - 1);
    right(&throttle, "eve", HERE);
    assert!(throttle.admit(of("ada", HERE)).is_err(), "eve's success gives no further guesses for ada");
    wrong(&throttle, "eve", HERE, MAX_OF_ADDRESS);
    // At another address, eve is still refused.
    wrong(&throttle, "eve", ELSEWHERE, MAX_OF_ADDRESS);
    right(&throttle, "eve", of_crowd(1));
    assert!(throttle.admit(of("eve", ELSEWHERE)).is_err());
}

#[tokio::test(start_paused = true)]
async fn fifty_wrong_passwords_throttle_a_name_except_at_known_addresses() {
    let throttle = Throttle::default();
    right(&throttle, "ada", HERE);
    for place in 0..MAX_OF_NAME {
        wrong(&throttle, "ada", of_crowd(place), 1);
    }
    assert!(throttle.admit(of("ada", ELSEWHERE)).is_err() && throttle.admit(of("bob", ELSEWHERE)).is_ok());
    assert!(throttle.admit(of("ada", HERE)).is_ok(), "ada's own address is not locked out");
    // The known address has its own limit.
    wrong(&throttle, "ada", HERE, MAX_OF_ADDRESS - 1);
    assert!(throttle.admit(of("ada", HERE)).is_err());
    let device = Attempt { device: Some(Digest::of("device")), ..of("ada", HERE) };
    for _ in 0..MAX_OF_ADDRESS {
        assert!(throttle.admit(device).unwrap().is_known, "nor is ada's own browser");
    }
    assert!(throttle.admit(device).is_err());
}

#[tokio::test(start_paused = true)]
async fn one_network_cannot_lock_a_name_for_others() {
    let throttle = Throttle::default();
    let neighbor = |place: u32| format!("2001:db8:0:{place:x}::1").parse().unwrap();
    let admitted = (0..1_000).filter(|place| throttle.admit(of("ada", neighbor(*place))).is_ok()).count();
    assert_eq!(admitted, MAX_OF_NETWORK_AND_NAME as usize);
    assert!(throttle.admit(of("ada", ELSEWHERE)).is_ok());
    let throttle = Throttle::default();
    let admitted = (0..256_u32)
        .filter(|place| throttle.admit(of("ada", Ipv4Addr::from_bits(0xc000_0200 + place).into())).is_ok())
        .count();
    assert_eq!(admitted, MAX_OF_NETWORK_AND_NAME as usize);
}

#[tokio::test(start_paused = true)]
async fn a_full_table_admits_no_more_guesses() {
    let throttle = Throttle::default();
    right(&throttle, "bob", HERE);
    wrong(&throttle, "ada", HERE, MAX_OF_ADDRESS);
    // A flood of new names and addresses.
    let admitted = (0..100_000).filter(|place| throttle.admit(of(&format!("{place}"), of_crowd(*place))).is_ok());
    assert_eq!(admitted.count(), (MAX_OF_ALL - MAX_OF_ADDRESS) as usize);
    assert!(throttle.lock().counters.len() <= MAX_COUNTERS);
    assert!(throttle.admit(of("ada", HERE)).is_err(), "the counter of ada is still there");
    assert!(throttle.admit(of("bob", HERE)).is_ok(), "and those who are known still sign in");
}

#[tokio::test(start_paused = true)]
async fn one_network_cannot_use_up_the_total_limit() {
    let throttle = Throttle::default();
    let admitted = (0..10_000).filter(|place| throttle.admit(of(&format!("{place}"), HERE)).is_ok()).count();
    assert_eq!(admitted, MAX_OF_NETWORK as usize);
    assert!(throttle.admit(of("ada", ELSEWHERE)).is_ok());
    // The counters drain: a past flood does not delay later clients for long.
    let wait = throttle.admit(of("ada", HERE)).unwrap_err();
    assert!(wait <= Duration::from_secs(1), "{wait:?}");
    tokio::time::advance(wait).await;
    assert!(throttle.admit(of("ada", HERE)).is_ok() && throttle.admit(of("bob", HERE)).is_err());
}

#[tokio::test(start_paused = true)]
async fn the_oldest_counter_is_evicted() {
    let mut held = Inner::default();
    for place in 0..=MAX_COUNTERS {
        tokio::time::advance(Duration::from_millis(1)).await;
        held.count(&Key::Name(Digest::of(&place.to_string())), Instant::now());
    }
    assert_eq!(held.counters.len(), MAX_COUNTERS);
    let counted = |place: usize| held.counters.contains_key(&Key::Name(Digest::of(&place.to_string())));
    assert!(!counted(0) && counted(1) && counted(MAX_COUNTERS));
}

#[tokio::test(start_paused = true)]
async fn known_addresses_are_evicted_per_user() {
    let throttle = Throttle::default();
    throttle.add_known("ada", HERE);
    for place in 0..10_000 {
        throttle.add_known("eve", of_crowd(place));
    }
    let held = throttle.lock();
    assert_eq!(held.known.len(), MAX_KNOWN_OF_NAME + 1);
    assert!(held.known.contains_key(&(Digest::of("ada"), HERE)));
}

#[test]
fn addresses_in_one_ipv6_network_count_as_one() {
    let of = |text: &str| address(text.parse().unwrap());
    assert!(of("2001:db8::1") == of("2001:db8::2:3") && of("2001:db8::1") != of("2001:db8:0:1::1"));
    assert_eq!(network("2001:db8:0:1::1".parse().unwrap()), network("2001:db8:0:2::1".parse().unwrap()));
    assert_eq!(of("::ffff:127.0.0.1"), HERE);
}
