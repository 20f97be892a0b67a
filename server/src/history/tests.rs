use super::*;
use crate::store::examples::{key, sample};

const INTERVAL: Duration = Duration::from_secs(2);
const FIVE_MINUTES: Duration = Duration::from_secs(300);

fn at(second: u64) -> Timestamp {
    Timestamp::from_millis(1_000_000_000 + second * 1000)
}

fn figured(cpu: f64) -> Sample {
    let mut sample = sample(1, 1, 3);
    sample.stats.cpu_percent = Some(cpu);
    sample.stats.memory_usage = Some(4096);
    sample
}

fn recorded(seconds: u64) -> History {
    let history = History::new(INTERVAL);
    for second in (0..seconds).step_by(2) {
        history.record(key(1).engine, &[figured((second % 60) as f64)], at(second), &HashSet::from([key(1).id]));
    }
    history
}

#[test]
fn recent_points_keep_the_sampling_interval() {
    let history = recorded(1000).of(key(1), FIVE_MINUTES, at(998));
    assert_eq!((history.interval_seconds, history.samples.len()), (2.0, 150));
    assert_eq!(history.samples[0].timestamp, at(700));
    assert_eq!(history.samples[149].cpu_percent, Some(38.0));
    let minute = recorded(1000).of(key(1), Duration::from_secs(60), at(998));
    assert_eq!(minute.samples.len(), 31);
}

#[test]
fn older_points_are_one_per_minute_with_the_mean_cpu() {
    let seconds = 8 * 3600;
    let history = recorded(seconds).of(key(1), MAX_WINDOW, at(seconds - 2));
    assert_eq!(history.interval_seconds, 60.0);
    assert!((COARSE_CAPACITY..=COARSE_CAPACITY + 1).contains(&history.samples.len()), "{}", history.samples.len());
    let mean = history.samples[10].cpu_percent.unwrap_or_default();
    assert!((28.0..=30.0).contains(&mean), "{mean}");
    assert!(history.samples.is_sorted_by_key(|sample| sample.timestamp));
}

#[test]
fn unknown_values_add_no_point_and_removed_containers_are_dropped() {
    let history = recorded(10);
    history.record(key(1).engine, &[sample(3, 1, 3)], at(10), &HashSet::from([key(3).id]));
    assert!(history.of(key(1), FIVE_MINUTES, at(10)).samples.is_empty());
    assert!(history.of(key(3), FIVE_MINUTES, at(10)).samples.is_empty());
}

#[test]
fn history_of_a_container_uses_the_documented_memory() {
    let history = recorded(8 * 3600);
    let containers = history.lock();
    let series = &containers[&key(1)];
    let bytes = (series.fine.capacity() + series.coarse.capacity()) * size_of::<Point>();
    assert!(bytes <= 25_000, "{bytes} bytes, {} a point", size_of::<Point>());
}

#[test]
fn old_points_stay_old_after_weeks_without_samples() {
    let history = recorded(600);
    // The lower halves of the times wrap around after 49.7 days.
    let later = at(600).as_millis() + (1 << 32);
    let weeks = Timestamp::from_millis(later);
    assert!(history.of(key(1), MAX_WINDOW, weeks).samples.is_empty());
    history.record(key(1).engine, &[figured(7.0)], weeks, &HashSet::from([key(1).id]));
    for window in [FIVE_MINUTES, MAX_WINDOW] {
        let samples = history.of(key(1), window, weeks).samples;
        assert_eq!(samples.iter().map(|sample| sample.timestamp).collect::<Vec<_>>(), [weeks]);
    }
}

#[test]
fn setting_the_clock_back_hides_no_point() {
    let history = recorded(60);
    history.record(key(1).engine, &[figured(7.0)], at(30), &HashSet::from([key(1).id]));
    let samples = history.of(key(1), FIVE_MINUTES, at(60)).samples;
    assert_eq!((samples.len(), samples[30].timestamp, samples[29].timestamp), (31, at(30), at(58)));
}

#[test]
fn equal_ids_on_two_engines_have_a_history_each() {
    let (one, other) = (key(2), key(3));
    assert_eq!(one.id, other.id);
    let history = History::new(INTERVAL);
    for (number, cpu) in [(2, 10.0), (3, 20.0)] {
        let mut sample = sample(number, 1, 3);
        sample.stats.cpu_percent = Some(cpu);
        history.record(key(number).engine, &[sample], at(0), &HashSet::from([key(number).id]));
    }
    let cpu = |key| history.of(key, FIVE_MINUTES, at(2)).samples.first().and_then(|sample| sample.cpu_percent);
    assert_eq!((cpu(one), cpu(other)), (Some(10.0), Some(20.0)));
    // It was removed from one of them.
    history.record(one.engine, &[], at(2), &HashSet::new());
    assert_eq!((cpu(one), cpu(other)), (None, Some(20.0)));
}
