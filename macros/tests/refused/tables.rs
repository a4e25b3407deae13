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

fn main() {}
