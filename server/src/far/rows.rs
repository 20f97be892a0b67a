//! Takes one engine's part of a frame, with the engine's name on this server. Pure.

use crate::watcher::Sample;
use app::{
    model::{Container, ContainerStats, EngineName, Timestamp},
    protocol::{Delta, Frame, Picture, Snapshot},
};
use std::sync::Arc;

/// Maximum number of containers of an engine.
pub(super) const MAX_ROWS: usize = 10_000;

/// Removes the containers and samples of all engines except `theirs`, and renames that engine to
/// `ours`. The list of engines is not changed.
pub(super) fn of_engine(frame: Frame, theirs: EngineName, ours: EngineName) -> Frame {
    match frame {
        Frame::Snapshot(Snapshot { mut containers, mut stats, epoch, revision, server_time, engines, sampled_at }) => {
            containers.retain_mut(|container| {
                container.engine == theirs && {
                    Arc::make_mut(container).engine = ours;
                    true
                }
            });
            rename_samples(&mut stats, theirs, ours);
            Frame::Snapshot(Snapshot { containers, stats, epoch, revision, server_time, engines, sampled_at })
        }
        Frame::Delta(mut delta) => {
            let Delta { upserted, removed, stats, .. } = &mut delta;
            upserted.retain_mut(|container| {
                container.engine == theirs && {
                    Arc::make_mut(container).engine = ours;
                    true
                }
            });
            removed.retain_mut(|gone| {
                gone.engine == theirs && {
                    gone.engine = ours;
                    true
                }
            });
            rename_samples(stats, theirs, ours);
            Frame::Delta(delta)
        }
        Frame::Heartbeat(heartbeat) => Frame::Heartbeat(heartbeat),
    }
}

fn rename_samples(samples: &mut Vec<Arc<ContainerStats>>, theirs: EngineName, ours: EngineName) {
    samples.retain_mut(|sample| {
        sample.engine == theirs && {
            Arc::make_mut(sample).engine = ours;
            true
        }
    });
}

/// True if a picture would have more rows, or samples, than [`MAX_ROWS`] after a frame.
pub(super) fn are_too_many(frame: &Frame, picture: &Picture) -> bool {
    let (rows, samples) = match frame {
        Frame::Snapshot(Snapshot { containers, stats, .. }) => (containers.len(), stats.len()),
        Frame::Delta(Delta { upserted, stats, .. }) => {
            let is_new_row = |row: &&Arc<Container>| !picture.containers.contains_key(&row.key());
            let is_new_sample = |sample: &&Arc<ContainerStats>| !picture.stats.contains_key(&sample.key());
            (
                picture.containers.len() + upserted.iter().filter(is_new_row).count(),
                picture.stats.len() + stats.iter().filter(is_new_sample).count(),
            )
        }
        Frame::Heartbeat(_) => (0, 0),
    };
    rows.max(samples) > MAX_ROWS
}

/// All samples of a picture, as of a sampling round at `taken_at`.
pub(super) fn samples(picture: &Picture, taken_at: Timestamp) -> Vec<Sample> {
    let sample = |stats: &Arc<ContainerStats>| Sample {
        started_at: picture.containers.get(&stats.key()).and_then(|container| container.started_at),
        stats: ContainerStats { timestamp: taken_at, ..ContainerStats::clone(stats) },
        cpu_nanos: None,
    };
    picture.stats.values().map(sample).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot read its own data has failed")]
    use super::*;
    use app::{
        protocol::{RemovedContainer, Revision},
        samples as examples,
    };

    #[test]
    fn one_engine_is_taken_and_renamed() {
        let [theirs, other, ours] = ["web", "db", "far"].map(|name| EngineName::new(name).unwrap());
        let on = |engine| {
            let mut container = examples::container(1, "web", app::model::ContainerState::Running);
            container.engine = engine;
            Arc::new(container)
        };
        let mut delta = Delta::empty(Revision(3), Timestamp::from_millis(5));
        delta.upserted = vec![on(theirs), on(other)];
        delta.removed = [theirs, other].map(|engine| RemovedContainer { engine, id: on(engine).id }).to_vec();
        let Frame::Delta(taken) = of_engine(Frame::Delta(delta), theirs, ours) else { panic!("it stays a delta") };
        let named: Vec<_> = taken.upserted.iter().map(|container| container.engine).collect();
        let gone: Vec<_> = taken.removed.iter().map(|gone| gone.engine).collect();
        assert_eq!((named, gone), (vec![ours], vec![ours]));
    }

    #[test]
    fn rows_are_limited() {
        let row = |number: usize| {
            let mut id = [0; 32];
            id[..8].copy_from_slice(&number.to_be_bytes());
            let mut row = examples::container(1, "web", app::model::ContainerState::Running);
            row.id = app::model::ContainerId::from_bytes(id);
            Arc::new(row)
        };
        let with = |upserted: Vec<_>| {
            let delta = Delta::empty(Revision(3), Timestamp::from_millis(5));
            Frame::Delta(Delta { upserted, ..delta })
        };
        let mut picture = Picture::default();
        let all = with((0..MAX_ROWS).map(row).collect());
        assert!(!are_too_many(&all, &picture));
        picture.apply(all);
        assert!(!are_too_many(&with(vec![row(5)]), &picture) && are_too_many(&with(vec![row(MAX_ROWS)]), &picture));
    }
}
