//! Every operation of the description, as a user can name it, as it is sent, and as its answers are read, by both faces
//! and by progenitor's client.

mod answers;
mod derived;
mod pages;
mod parity;
mod streams;
mod surface;
mod wire;
