use super::*;
use crate::store::examples::{id, sample};

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
        history.record(&[figured((second % 60) as f64)], at(second), &HashSet::from([id(1)]));
    }
    history
}

#[test]
fn recent_points_keep_the_sampling_interval() {
    let history = recorded(1000).of(id(1), FIVE_MINUTES, at(998));
    assert_eq!((history.interval_seconds, history.samples.len()), (2.0, 150));
    assert_eq!(history.samples[0].timestamp, at(700));
    assert_eq!(history.samples[149].cpu_percent, Some(38.0));
    let minute = recorded(1000).of(id(1), Duration::from_secs(60), at(998));
    assert_eq!(minute.samples.len(), 31);
}

#[test]
fn older_points_are_one_per_minute_with_the_mean_cpu() {
    let seconds = 8 * 3600;
    let history = recorded(seconds).of(id(1), MAX_WINDOW, at(seconds - 2));
    assert_eq!(history.interval_seconds, 60.0);
    assert!((COARSE_CAPACITY..=COARSE_CAPACITY + 1).contains(&history.samples.len()), "{}", history.samples.len());
    let mean = history.samples[10].cpu_percent.unwrap_or_default();
    assert!((28.0..=30.0).contains(&mean), "{mean}");
    assert!(history.samples.is_sorted_by_key(|sample| sample.timestamp));
}

#[test]
fn unknown_values_add_no_point_and_removed_containers_are_dropped() {
    let history = recorded(10);
    history.record(&[sample(2, 1, 3)], at(10), &HashSet::from([id(2)]));
    assert!(history.of(id(1), FIVE_MINUTES, at(10)).samples.is_empty());
    assert!(history.of(id(2), FIVE_MINUTES, at(10)).samples.is_empty());
}

#[test]
fn history_of_a_container_uses_the_documented_memory() {
    let history = recorded(8 * 3600);
    let containers = history.lock();
    let series = &containers[&id(1)];
    let bytes = (series.fine.capacity() + series.coarse.capacity()) * size_of::<Point>();
    assert!(bytes <= 25_000, "{bytes} bytes, {} a point", size_of::<Point>());
}

#[test]
fn old_points_stay_old_after_weeks_without_samples() {
    let history = recorded(600);
    // The lower halves of the times wrap around after 49.7 days.
    let later = at(600).as_millis() + (1 << 32);
    let weeks = Timestamp::from_millis(later);
    assert!(history.of(id(1), MAX_WINDOW, weeks).samples.is_empty());
    history.record(&[figured(7.0)], weeks, &HashSet::from([id(1)]));
    for window in [FIVE_MINUTES, MAX_WINDOW] {
        let samples = history.of(id(1), window, weeks).samples;
        assert_eq!(samples.iter().map(|sample| sample.timestamp).collect::<Vec<_>>(), [weeks]);
    }
}

#[test]
fn setting_the_clock_back_hides_no_point() {
    let history = recorded(60);
    history.record(&[figured(7.0)], at(30), &HashSet::from([id(1)]));
    let samples = history.of(id(1), FIVE_MINUTES, at(60)).samples;
    assert_eq!((samples.len(), samples[30].timestamp, samples[29].timestamp), (31, at(30), at(58)));
}
