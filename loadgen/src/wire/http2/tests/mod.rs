//! The client against servers that speak HTTP/2 in every legal and many illegal ways.

mod differential;
mod ends;
mod floods;
mod greeting;
mod illegal;
mod legal;
mod peer;
mod sharing;
mod windows;
