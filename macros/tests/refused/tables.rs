//! Tables that are wrong.

diptych_macros::faces! {
    first { asleep => sleep, asleep => wait }
}

diptych_macros::faces! {
    second { asleep = sleep }
}

diptych_macros::faces! {
    third { naming = "async" }
}

diptych_macros::faces! {
    fourth { blocked if all() }
}

diptych_macros::faces! {
    asleep => sleep
}

diptych_macros::faces! {
    base { asleep => sleep }
}

diptych_macros::faces! {
    again { ..crate::base, asleep => rest }
}

#[diptych_macros::dual(again)]
async fn atry() {}

diptych_macros::faces! {
    late { asleep => sleep, ..crate::base }
}

diptych_macros::faces! {
    lost { ..crate::nowhere }
}

#[diptych_macros::dual(lost)]
async fn alose() {}

fn main() {}
