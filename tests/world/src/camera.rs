//! A camera that takes what it is told to.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use darkroom_core::capture::CaptureSpec;
use darkroom_core::failure::{Failure, FailureKind};
use darkroom_core::port::{Camera, Content, Extra, Picture};
use futures::stream;

use crate::world::World;

/// How long a simulated capture takes.
const EXPOSURE: Duration = Duration::from_millis(1_250);

/// What one capture comes to.
#[derive(Clone, Debug)]
pub(crate) enum Shot {
    /// A picture, or a failure.
    Taken(Result<Bytes, Failure>),
    /// A picture in pieces, the last of which may be a failure.
    Streamed(Vec<Result<Bytes, Failure>>),
    /// A picture with further files.
    WithExtras(Bytes, Vec<Extra>),
    /// A picture unlike any other.
    Numbered,
    /// The worker dies of it.
    Kills,
}

#[async_trait]
impl Camera for World {
    async fn capture(&self, _spec: &CaptureSpec, budget: Duration) -> Result<Picture, Failure> {
        let shot = self.call_once("camera.capture", |state| {
            state.captures += 1;
            if budget < EXPOSURE {
                return Shot::Taken(Err(Failure::plain(FailureKind::Timeout)));
            }
            state.shots.pop_front().unwrap_or_else(|| state.every_shot.clone())
        });
        let shot = shot.await;
        self.spend(EXPOSURE.min(budget)).await;
        match shot {
            Ok(Shot::Taken(taken)) => taken.map(|bytes| Content::Bytes(bytes).into()),
            Ok(Shot::Numbered) => {
                let number = self.with(|state| state.captures);
                Ok(Content::Bytes(format!("picture {number}").into()).into())
            }
            Ok(Shot::WithExtras(bytes, extras)) => {
                Ok(Picture { extras, ..Content::Bytes(bytes).into() })
            }
            Ok(Shot::Streamed(pieces)) => {
                Ok(Content::Stream(Box::pin(stream::iter(pieces))).into())
            }
            Ok(Shot::Kills) => {
                self.with(|state| state.killed += 1);
                self.die().await
            }
            Err(_injected) => Err(Failure::plain(FailureKind::Browser)),
        }
    }
}

impl World {
    /// The next captures fail like this, one by one.
    pub fn next_captures_fail(&self, kinds: &[FailureKind]) {
        let shots = kinds.iter().map(|&kind| Shot::Taken(Err(Failure::plain(kind))));
        self.with(|state| state.shots.extend(shots));
    }

    /// The next capture yields its file in these pieces.
    pub fn next_capture_streams(&self, pieces: Vec<Result<Bytes, Failure>>) {
        self.with(|state| state.shots.push_back(Shot::Streamed(pieces)));
    }

    /// The next capture yields this file, and these besides.
    pub fn next_capture_has_extras(&self, content: Bytes, extras: Vec<Extra>) {
        self.with(|state| state.shots.push_back(Shot::WithExtras(content, extras)));
    }

    /// The next `count` captures kill the worker that takes them.
    pub fn next_captures_kill(&self, count: usize) {
        self.with(|state| state.shots.extend(std::iter::repeat_n(Shot::Kills, count)));
    }

    /// Every capture that isn't told otherwise yields this file.
    pub fn pictures_are(&self, content: Bytes) {
        self.with(|state| state.every_shot = Shot::Taken(Ok(content)));
    }

    /// Every capture that isn't told otherwise yields a file unlike any other: `picture 1`, and so on.
    pub fn number_pictures(&self) {
        self.with(|state| state.every_shot = Shot::Numbered);
    }

    /// How many captures were begun.
    #[must_use]
    pub fn captures(&self) -> usize {
        self.with(|state| state.captures)
    }
}
