//! The hazards, one module for each theme. Threads, files and full queues are looked at as Linux shows them.

#[cfg(target_os = "linux")]
mod at_rest;
mod compile;
mod concurrency;
mod connections;
mod contexts;
#[cfg(target_os = "linux")]
mod deadlines;
mod executors;
mod pages;
#[cfg(target_os = "linux")]
mod process;
mod providers;
mod runtimes;
mod same;
