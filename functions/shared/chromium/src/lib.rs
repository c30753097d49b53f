//! Eye: the camera over Chromium.
//!
//! - [`camera`](ChromiumCamera): one capture from start to end
//! - `lane`: the browser and the ready page that it gets
//! - `shot`: the capture on an open page: load, wait, judge, draw
//! - `browser`, `launch`, `flags`, `profile`, `memory`: a running Chromium; its
//!   processes, flags and environment; its directory; what it takes
//! - `connection`: the DevTools link, a pipe (chromiumoxide is types only)
//! - `page`, `watcher`, `wait`: a page, its events, and when it is ready
//! - `emulation`, `request`, `changes`: what a capture asks of the page's
//!   surroundings, sends its host, and does to it
//! - `blocking`: what a page is kept from asking for, and rid of
//! - `determinism`: a page without clock and chance, for the same bytes twice
//! - `script`: functions that run in pages; `kit`: what the layer brings for them
//! - `selector`, `frame_tree`: elements that an option names; a page's frames
//! - `rules`: what makes a capture fail although its page could be drawn
//! - `frames`: who makes Chromium draw; `clock`: a page's time in our hand
//! - `settle`: brings a page that has loaded to rest
//! - `reveal`: makes a page load what it loads only when it comes into view
//! - `sticky`: has bars that stick to the window stand once
//! - `still`, `pdf`, `clip`, `text`: one file per output; `file`: how a large one is read; `develop`: what
//!   becomes of a still; `besides`: the further files that are made of it
//! - `told`: what is told of a page beside; `sight`: what it is seen to show;
//!   `records`: how it came
//! - `markdown`: a Markdown document as a page
//! - `fault`, `identity`: what failures are called; what the browser calls itself
//!
//! Nothing here judges addresses: all of Chromium's traffic goes through
//! egress's forward proxy.

mod besides;
mod blocking;
mod browser;
mod camera;
mod changes;
mod clip;
mod clock;
mod connection;
mod determinism;
mod develop;
mod emulation;
mod fault;
mod file;
mod flags;
mod frame_tree;
mod frames;
mod identity;
mod kit;
mod lane;
mod launch;
mod markdown;
mod memory;
mod page;
mod pdf;
mod profile;
mod records;
mod request;
mod reveal;
mod rules;
mod script;
mod selector;
mod settle;
mod shot;
mod sight;
mod sticky;
mod still;
mod text;
mod told;
mod wait;
mod watcher;

pub use camera::{ChromiumCamera, ChromiumConfig};
pub use frames::Frames;
pub use launch::StartError;
