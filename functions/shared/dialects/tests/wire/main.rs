//! Every byte that comes in or leaves, as the two seeds, their owners' public
//! docs and our own API have it.
#![cfg(test)]

mod caching;
mod darkroom;
mod errors_page;
mod faults;
mod filming;
mod nodium;
mod options;
mod options_page;
mod options_table;
mod screennabster;
mod storing;
mod support;
mod telling;
mod waiting;
