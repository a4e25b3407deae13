//! What `#[dual]` refuses, where the error points to, and what it says to do.

#[test]
fn refusals_point_into_the_source() {
    trybuild::TestCases::new().compile_fail("tests/refused/*.rs");
}
