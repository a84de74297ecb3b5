//! A server of specimens: what a load is judged against.
//!
//! | workload | request | text | JSON |
//! | --- | --- | --- | --- |
//! | counter | `GET /set?name=x&val=0` | `ok` | `{"name":"x","value":0}` |
//! | | `GET /get?name=x` | `x: 0` | `{"name":"x","value":0}` |
//! | | `GET` or `POST /inc?name=x` | `ok` | `{"name":"x","value":1}` |
//! | | `GET /list` | `i: 0`, a line each | `{"counters":[{"name":"i","value":0}]}` |
//! | booking | `POST /book` | `Seat booked successfully`, or 409 | `{"booked":true}` |
//! | | `GET /seats` | `seats left: 20` | `{"seats_left":20}` |
//! | jobs, mistakes | `POST /jobs?id=17`, or without an id | `job 17` | `{"id":17}` |
//! | | `GET /jobs` | `17`, a line each | `{"ids":[17]}` |
//! | | `GET` or `DELETE /jobs/17` | `job 17`, or 404 | `{"id":17}` |
//! | results, unawaited | `POST /results?id=17` | `result 17 saved`, or 202 and `will be saved` | `{"id":17}` |
//! | | `GET /results` | `17`, a line each | `{"ids":[17]}` |
//!
//! JSON is answered where the request accepts `application/json`. What is shared, and how it is
//! protected, is the [`Specimen`](store::Specimen) of which the [`Service`] is made. The workload documents is
//! a crate of its own, [`documents`].

#![forbid(unsafe_code)]

mod choice;
pub mod cli;
pub mod interrupts;
pub mod locks;
mod params;
mod reply;
mod routes;
mod serve;
mod served;
mod service;
mod several;
mod tls;

pub use choice::modes_help;
pub use routes::app;
pub use serve::serve;
pub use service::Service;
