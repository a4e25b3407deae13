//! What the derive refuses, where the error points to, and what it says to do.

#[test]
fn refusals_say_what_to_do() {
    trybuild::TestCases::new().compile_fail("tests/refused/*.rs");
}
