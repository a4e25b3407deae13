use prefect_sdk_derive::RunInput;

#[derive(RunInput)]
struct Pair(u32, u32);

#[derive(RunInput)]
struct Nothing;

#[derive(RunInput)]
enum Answer {
    Yes,
    No,
}

#[derive(RunInput)]
union Bits {
    whole: u32,
}

#[derive(RunInput)]
struct Of<T> {
    value: T,
}

#[derive(RunInput)]
struct Borrowed<'a> {
    value: &'a str,
}

fn main() {}
