//! The client against servers that speak HTTP/2 in every legal and many illegal ways.

pub(crate) mod cutting;
#[cfg(test)]
mod differential;
#[cfg(test)]
mod ends;
#[cfg(test)]
mod floods;
#[cfg(test)]
mod greeting;
#[cfg(test)]
mod illegal;
#[cfg(test)]
mod legal;
#[cfg(test)]
mod peer;
#[cfg(test)]
mod sharing;
#[cfg(test)]
mod windows;
