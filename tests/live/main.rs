//! Every operation of the client against a real server, through both faces.
//!
//! `cargo xtask test` starts the server and says where it is in `PREFECT_TEST_API_URL`; `cargo xtask server` starts one
//! to work with. Each scenario is a test of its own. Names carry the face and the run, so that a test can be repeated
//! against one server; the scenarios take turns, since some look at what all share.

#[macro_use]
mod scenario;
mod coverage;
mod faces;
mod helpers;
mod live;
mod scenarios;
