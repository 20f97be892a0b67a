use super::*;
use crate::{
    format::clock_time,
    model::EngineProblem,
    samples::{MADE_AT, engine},
};

fn later(seconds: u64) -> Timestamp {
    Timestamp::from_millis(MADE_AT.as_millis() + seconds * 1_000)
}

fn connection(state: ConnectionState) -> Connection {
    Connection { state, since: MADE_AT, problem: None, retry_at: None, attempts: 0, paused: false, refreshing: false }
}

fn lost_engine() -> Engine {
    let error = EngineProblem {
        code: "connection_refused".to_owned(),
        message: "Connection refused.".to_owned(),
        hint: "Is dockerd running?".to_owned(),
    };
    Engine { link: EngineLink::Lost, since: later(10), error: Some(error), ..engine() }
}

fn moment<T>(state: ConnectionState, engine: Engine, seconds: u64, read: impl FnOnce(&Moment<'_>) -> T) -> T {
    let connection = connection(state);
    let engines = [engine];
    read(&Moment {
        connection: &connection,
        engines: &engines,
        stats_interval_millis: 2_000,
        sampled_at: Some(MADE_AT),
        last_update: Some(MADE_AT),
        now: later(seconds),
    })
}

#[test]
fn a_live_page_with_a_connected_engine_is_current() {
    moment(ConnectionState::Live, engine(), 1, |moment| {
        assert_eq!(
            (moment.dated(moment.stale_since(), clock_time), moment.link_trouble(), moment.engine_troubles()),
            (None, None, Vec::new())
        );
        assert_eq!(moment.numbers(), "stats current");
    });
}

#[test]
fn an_extended_interval_is_shown() {
    let slow = || Engine { stats_interval_millis: Some(7_500), ..engine() };
    moment(ConnectionState::Live, slow(), 1, |moment| assert_eq!(moment.numbers(), "stats current, every 7.5 s"));
    moment(ConnectionState::Live, slow(), 6, |moment| assert_eq!(moment.numbers(), "stats 6 s old, every 7.5 s"));
}

#[test]
fn stats_are_old_after_two_intervals_and_gone_after_30_seconds() {
    let age = |engine: Engine, seconds| moment(ConnectionState::Live, engine, seconds, |moment| moment.numbers_age());
    let ages = [5, 6, 30, 31].map(|seconds| age(engine(), seconds));
    assert_eq!(ages, [NumbersAge::Current, NumbersAge::Old, NumbersAge::Old, NumbersAge::Gone]);
    let slow = || Engine { stats_interval_millis: Some(7_500), ..engine() };
    let ages = [16, 17, 30, 31].map(|seconds| age(slow(), seconds));
    assert_eq!(ages, [NumbersAge::Current, NumbersAge::Old, NumbersAge::Old, NumbersAge::Gone]);
}

#[test]
fn a_long_interval_keeps_stats_visible_for_longer() {
    let age = |seconds| {
        let connection = connection(ConnectionState::Live);
        let moment = Moment {
            connection: &connection,
            engines: &[engine()],
            stats_interval_millis: 60_000,
            sampled_at: Some(MADE_AT),
            last_update: Some(MADE_AT),
            now: later(seconds),
        };
        moment.numbers_age()
    };
    let ages = [59, 121, 122, 180, 181].map(age);
    use NumbersAge::{Current, Gone, Old};
    assert_eq!(ages, [Current, Current, Old, Old, Gone]);
}

#[test]
fn a_lost_stream_makes_the_list_stale_since_its_last_frame() {
    for state in [ConnectionState::Reconnecting, ConnectionState::Static] {
        moment(state, engine(), 40, |moment| {
            assert_eq!(moment.dated(moment.stale_since(), clock_time).as_deref(), Some("as of 09:30:00 UTC, 40 s ago"));
            assert!(moment.link_trouble().is_some());
            assert_eq!(moment.numbers(), "stats 40 s old");
        });
    }
}

#[test]
fn a_lost_engine_makes_the_list_stale_since_its_loss() {
    moment(ConnectionState::Live, lost_engine(), 40, |moment| {
        assert_eq!(moment.dated(moment.stale_since(), clock_time).as_deref(), Some("as of 09:30:10 UTC, 30 s ago"));
        assert_eq!(moment.link_trouble(), None);
        let troubles = moment.engine_troubles();
        let words: Vec<_> = troubles.iter().map(|found| (found.summary.as_str(), found.hint.as_str())).collect();
        assert_eq!(words, [("engine harbour is not responding", "Is dockerd running?")]);
    });
}

#[test]
fn with_both_links_lost_the_list_is_stale_since_the_earlier_loss() {
    moment(ConnectionState::Reconnecting, lost_engine(), 40, |moment| {
        assert_eq!(moment.stale_since(), Some(MADE_AT));
    });
}

#[test]
fn the_time_of_the_next_retry_is_shown() {
    let connection = Connection { retry_at: Some(later(44)), ..connection(ConnectionState::Static) };
    let moment = Moment {
        connection: &connection,
        engines: &[],
        stats_interval_millis: 2_000,
        sampled_at: None,
        last_update: None,
        now: later(40),
    };
    assert_eq!(moment.link_trouble().map(|found| found.hint), Some("Retrying in 4 s.".to_owned()));
    assert_eq!(moment.numbers(), "no stats yet");
}

/// Reads a moment in which the engine `a` is connected, and `b` has been lost for `seconds`.
fn two_engines<T>(seconds: u64, read: impl FnOnce(&Moment<'_>) -> T) -> T {
    let named = |name, engine| Engine { id: name, name: name.to_string(), ..engine };
    let connection = connection(ConnectionState::Live);
    read(&Moment {
        connection: &connection,
        engines: &[named(name("a"), engine()), named(name("b"), lost_engine())],
        stats_interval_millis: 2_000,
        sampled_at: Some(later(10 + seconds)),
        last_update: Some(later(10 + seconds)),
        now: later(10 + seconds),
    })
}

fn name(name: &str) -> EngineName {
    EngineName::new(name).unwrap_or_default()
}

#[test]
fn one_of_two_engines_lost_makes_only_its_own_containers_stale() {
    two_engines(20, |moment| {
        assert_eq!(moment.stale_since(), None);
        assert_eq!(moment.stale_since_of(name("a")), None);
        assert_eq!(moment.stale_since_of(name("b")), Some(later(10)));
        assert_eq!(moment.engines_reached(), "(1 of 2 engines)");
        let troubles = moment.engine_troubles();
        let words: Vec<_> = troubles.iter().map(|found| (found.summary.as_str(), found.outcome)).collect();
        assert_eq!(words, [("engine b is not responding", LAST_KNOWN)]);
    });
}

#[test]
fn the_stats_of_a_lost_engine_are_old_and_then_gone() {
    let ages = |seconds| two_engines(seconds, |moment| moment.numbers_ages());
    for (seconds, of_b) in [(0, NumbersAge::Old), (30, NumbersAge::Old), (31, NumbersAge::Gone)] {
        let ages = ages(seconds);
        assert_eq!(
            (ages.newest, ages.of(name("a")), ages.of(name("b"))),
            (NumbersAge::Current, NumbersAge::Current, of_b)
        );
    }
}

#[test]
fn the_stats_of_a_single_engine_have_the_age_of_its_newest_sample() {
    moment(ConnectionState::Live, lost_engine(), 12, |moment| {
        let ages = moment.numbers_ages();
        assert_eq!((ages.newest, ages.of(EngineName::LOCAL)), (NumbersAge::Old, NumbersAge::Old));
        assert_eq!(moment.engines_reached(), "");
    });
}

#[test]
fn many_lost_engines_are_one_problem() {
    let connection = connection(ConnectionState::Live);
    let engines = ["a", "b", "c", "d", "e"].map(|of| Engine { id: name(of), name: of.to_owned(), ..lost_engine() });
    let troubles = |count: usize| {
        let moment = Moment {
            connection: &connection,
            engines: &engines[..count],
            stats_interval_millis: 2_000,
            sampled_at: None,
            last_update: None,
            now: later(40),
        };
        moment.engine_troubles().into_iter().map(|found| found.summary).collect::<Vec<_>>()
    };
    assert_eq!(troubles(3).len(), 3);
    assert_eq!(troubles(5), ["5 engines are not responding: a, b, c and 2 more"]);
}
