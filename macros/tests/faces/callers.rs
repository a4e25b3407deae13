//! The twin names the line of its caller.

use std::panic::Location;

use diptych_macros::dual;

#[track_caller]
fn line() -> u32 {
    Location::caller().line()
}

async fn aline() -> u32 {
    line()
}

#[dual(map(ainner => inner))]
async fn aouter() -> u32 {
    ainner().await
}

#[dual(map(aline => line))]
async fn ainner() -> u32 {
    async fn awithin() -> u32 {
        aline().await
    }
    awithin().await
}

struct Desk;

#[dual(map(aline => line))]
trait Ask {
    async fn aask(&self) -> u32 {
        aline().await
    }
}

impl Ask for Desk {}

#[dual(map(aline => line, aask => ask))]
impl Desk {
    async fn alook(&self) -> u32 {
        self.aask().await
    }

    #[dual]
    fn afuture(&self) -> impl Future<Output = u32> {
        async { aline().await }
    }
}

// These have a caller of another kind, and compile without.
#[dual]
async fn amain() {}

#[dual]

extern "C" fn acalled() -> impl Future<Output = ()> {
    async {}
}

#[test]
fn a_twin_names_the_line_that_called_it() {
    let here = line();
    assert_eq!(
        [outer(), inner(), Desk.ask(), Desk.look(), Desk.future()],
        std::array::from_fn(|_| here + 2)
    );
}
