use prefect_sdk_derive::RunInput;

#[derive(RunInput)]
#[allow(non_camel_case_types)]
struct Snake_Case {}

#[derive(RunInput)]
#[run_input(name = "Größe")]
struct Size {}

#[derive(RunInput)]
#[run_input(name = "")]
struct Empty {}

#[derive(RunInput)]
#[run_input(name = "One", name = "Two")]
struct Twice {}

#[derive(RunInput)]
#[run_input(name = 1)]
struct Number {}

#[derive(RunInput)]
#[run_input(title = "One")]
struct Unknown {}

fn main() {}
