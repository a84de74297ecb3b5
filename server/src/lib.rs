//! The counter server: the specimen that a load is judged against.
//!
//! | request | text | JSON |
//! | --- | --- | --- |
//! | `GET /set?name=x&val=0` | `ok` | `{"name":"x","value":0}` |
//! | `GET /get?name=x` | `x: 0` | `{"name":"x","value":0}` |
//! | `GET` or `POST /inc?name=x` | `ok` | `{"name":"x","value":1}` |
//! | `GET /list` | `i: 0`, a line each | `{"counters":[{"name":"i","value":0}]}` |
//!
//! JSON is answered where the request accepts `application/json`. How the counters are protected
//! is the [`Mode`](store::Mode) the [`app`] is made with.

#![forbid(unsafe_code)]

pub mod cli;
mod params;
mod reply;
mod routes;
mod serve;

pub use routes::app;
pub use serve::serve;
