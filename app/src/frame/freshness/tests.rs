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
    Connection { state, since: MADE_AT, problem: None, retry_at: None, attempts: 0, cut: false, refreshing: false }
}

fn lost_engine() -> Engine {
    let error = EngineProblem {
        code: "connection_refused".to_owned(),
        message: "Connection refused.".to_owned(),
        hint: "Is dockerd running?".to_owned(),
    };
    Engine { link: EngineLink::Lost, since: later(10), error: Some(error), ..engine() }
}

fn seen<T>(state: ConnectionState, engine: Engine, seconds: u64, read: impl FnOnce(&Moment<'_>) -> T) -> T {
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
fn a_live_page_with_an_engine_that_answers_is_current() {
    seen(ConnectionState::Live, engine(), 1, |moment| {
        assert_eq!(
            (moment.dated(clock_time), moment.link_trouble(), moment.engine_troubles()),
            (None, None, Vec::new())
        );
        assert_eq!(moment.numbers(), "numbers current");
    });
}

#[test]
fn numbers_that_come_seldom_say_how_often() {
    let slow = || Engine { stats_interval_millis: Some(7_500), ..engine() };
    seen(ConnectionState::Live, slow(), 1, |moment| assert_eq!(moment.numbers(), "numbers current, every 7.5 s"));
    seen(ConnectionState::Live, slow(), 6, |moment| assert_eq!(moment.numbers(), "numbers 6 s old, every 7.5 s"));
}

#[test]
fn numbers_dim_after_two_samples_and_go_after_half_a_minute() {
    let age = |engine: Engine, seconds| seen(ConnectionState::Live, engine, seconds, |moment| moment.numbers_age());
    let ages = [5, 6, 30, 31].map(|seconds| age(engine(), seconds));
    assert_eq!(ages, [NumbersAge::Current, NumbersAge::Old, NumbersAge::Old, NumbersAge::Gone]);
    let slow = || Engine { stats_interval_millis: Some(7_500), ..engine() };
    let ages = [16, 17, 30, 31].map(|seconds| age(slow(), seconds));
    assert_eq!(ages, [NumbersAge::Current, NumbersAge::Old, NumbersAge::Old, NumbersAge::Gone]);
}

#[test]
fn numbers_that_are_asked_for_by_the_minute_are_shown_for_minutes() {
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
fn a_lost_stream_dates_the_list_by_its_last_frame() {
    for state in [ConnectionState::Reconnecting, ConnectionState::Static] {
        seen(state, engine(), 40, |moment| {
            assert_eq!(moment.dated(clock_time).as_deref(), Some("as of 09:30:00 UTC, 40 s ago"));
            assert!(moment.link_trouble().is_some());
            assert_eq!(moment.numbers(), "numbers 40 s old");
        });
    }
}

#[test]
fn a_lost_engine_is_named_and_dates_the_list_by_when_it_was_lost() {
    seen(ConnectionState::Live, lost_engine(), 40, |moment| {
        assert_eq!(moment.dated(clock_time).as_deref(), Some("as of 09:30:10 UTC, 30 s ago"));
        assert_eq!(moment.link_trouble(), None);
        let troubles = moment.engine_troubles();
        let words: Vec<_> = troubles.iter().map(|found| (found.summary.as_str(), found.hint.as_str())).collect();
        assert_eq!(words, [("engine harbour is not answering", "Is dockerd running?")]);
    });
}

#[test]
fn when_both_links_are_lost_the_older_date_counts() {
    seen(ConnectionState::Reconnecting, lost_engine(), 40, |moment| {
        assert_eq!(moment.stale_since(), Some(MADE_AT));
    });
}

#[test]
fn the_next_try_is_announced() {
    let connection = Connection { retry_at: Some(later(44)), ..connection(ConnectionState::Static) };
    let moment = Moment {
        connection: &connection,
        engines: &[],
        stats_interval_millis: 2_000,
        sampled_at: None,
        last_update: None,
        now: later(40),
    };
    assert_eq!(moment.link_trouble().map(|found| found.hint), Some("Next try in 4 s.".to_owned()));
    assert_eq!(moment.numbers(), "no numbers yet");
}
