//! The camera with a real Chromium and pages on loopback.

mod failures;
mod pictures;
mod site;
mod studio;
mod supervision;
mod waiting;
