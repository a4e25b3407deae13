//! The hazards, one module for each theme.

mod at_rest;
mod compile;
mod concurrency;
mod connections;
mod contexts;
mod deadlines;
mod executors;
mod process;
mod providers;
mod runtimes;
mod same;
