//! A mistake in one method of a block: the twin is not there, and its body brings no errors of its own.

use diptych_macros::dual;

struct Page;

async fn asleep() {}

#[dual]
impl Page {
    async fn aload(&self) {
        asleep().await;
    }
}

#[dual]
trait Readable {
    async fn aread(&self) {
        asleep().await;
    }
}

fn main() {}
