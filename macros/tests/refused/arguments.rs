//! The attribute itself: its arguments, and what it stands on.

use diptych_macros::dual;

#[dual(name)]
async fn aone() {}

#[dual(nme = two)]
async fn atwo() {}

#[dual(map(three))]
async fn athree() {}

#[dual(unknown_table)]
async fn afour() {}

#[dual(name = x, name = y)]
async fn afive() {}

#[dual]
struct Six;

#[dual]
mod seven {}

#[dual(map(Missing => Present))]
use std::{fmt, io::*};

#[dual(name = eight)]
impl Six {}

fn main() {}
