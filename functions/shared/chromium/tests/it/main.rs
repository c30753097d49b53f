//! The camera with a real Chromium and pages on loopback.

mod pictures;
mod site;
mod studio;
