#![allow(unused)]
use prefect_sdk_derive::{flow, task};
#[flow]
fn greet(name: String) -> Result<(), String> {
    Ok(())
}

#[flow]
fn sum(run: &AsyncFlowRun) -> Result<(), String> {
    Ok(())
}

#[flow]
async fn awaited(run: &FlowRun, name: Option<&str>) -> Result<(), String> {
    Ok(())
}

#[task]
fn parse(run: &FlowRun) -> Result<(), String> {
    Ok(())
}

#[task(retry_delay_seconds = 3)]
fn each<T>(run: &TaskRun, value: T) -> u64 {
    3
}

struct Shop;

impl Shop {
    #[task]
    fn buy(&self, run: &TaskRun) -> Result<(), String> {
        Ok(())
    }
}

fn main() {}

// That the names are there keeps the compiler's own words out of what is compared.
struct FlowRun;
struct AsyncFlowRun;
struct TaskRun;
