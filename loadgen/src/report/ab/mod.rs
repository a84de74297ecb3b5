//! What ab writes with `-e`, `-g` and `-w`, in its columns and its units.

mod percentiles;
mod requests;
mod table;

pub use percentiles::write_percentiles;
pub(crate) use requests::write_requests;
pub use table::{TableStyle, write_table};
