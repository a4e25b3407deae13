//! Marks of what only one face has.

use diptych_macros::dual;

#[dual]
async fn aload() -> u32 {
    #[dual(sync)]
    let one = 1;
    #[dual]
    async fn inner() {}
    one
}

struct Page;

#[dual]
impl Page {
    #[dual(only)]
    async fn aread(&self) {}
}

fn main() {}
