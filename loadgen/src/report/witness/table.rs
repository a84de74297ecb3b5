//! The table of a witness.

use super::{WIDTH, Witness};

/// The most rows that a table has; one of them may say how many are left out.
const ROWS: usize = 12;
/// With more clients there is one column, which names them.
const MOST_CLIENTS: usize = 4;
/// What lines begin with, and what stands between columns.
const INDENT: &str = "   ";
const GAP: &str = "   ";

/// The operations of a witness, one a row, in the order in which they began.
pub(in crate::report) struct Table {
    /// The clients in the order in which they appear.
    pub(in crate::report) clients: Vec<u32>,
    pub(in crate::report) rows: Vec<Row>,
}

/// A row of the table.
pub(in crate::report) enum Row {
    /// An operation.
    Operation {
        /// Its index in the object.
        index: u32,
        /// Whose it is: an index into the clients.
        client: usize,
        /// What was asked for and answered.
        exchange: String,
        /// When it began and was over.
        interval: String,
    },
    /// So many operations that are not shown.
    LeftOut(usize),
}

impl Table {
    pub(super) fn new(witness: &Witness<'_>) -> Self {
        let mut clients = Vec::new();
        let mut rows = Vec::new();
        let shown = shown(&witness.operations, witness.why.wrong);
        for (place, index) in witness.operations.iter().enumerate() {
            if !shown[place] {
                match rows.last_mut() {
                    Some(Row::LeftOut(count)) => *count += 1,
                    _ => rows.push(Row::LeftOut(1)),
                }
                continue;
            }
            let operation = witness.operation(*index);
            let known = clients.iter().position(|client| *client == operation.client);
            let client = known.unwrap_or_else(|| {
                clients.push(operation.client);
                clients.len() - 1
            });
            rows.push(Row::Operation {
                index: *index,
                client,
                exchange: witness.exchange(*index),
                interval: witness.clock.interval(operation),
            });
        }
        Self { clients, rows }
    }

    /// Whether each client has a column.
    pub(in crate::report) fn has_columns(&self) -> bool {
        self.clients.len() <= MOST_CLIENTS
    }

    /// The table as lines, in columns if they fit.
    pub(super) fn lines(&self) -> Vec<String> {
        let columns = self.columns();
        let fits = |line: &String| line.chars().count() <= WIDTH;
        if self.has_columns() && columns.iter().all(fits) { columns } else { self.list() }
    }

    /// A column for each client.
    fn columns(&self) -> Vec<String> {
        let mut cells = vec![self.clients.iter().map(|client| client_name(*client)).collect()];
        cells.extend(self.rows.iter().map(|row| match row {
            Row::Operation { client, exchange, interval, .. } => {
                let mut cells = vec![String::new(); self.clients.len()];
                cells[*client] = format!("{exchange}  {interval}");
                cells
            }
            Row::LeftOut(count) => vec![left_out(*count)],
        }));
        aligned(&cells)
    }

    /// One operation a line, with its client.
    fn list(&self) -> Vec<String> {
        let cells = self.rows.iter().map(|row| match row {
            Row::Operation { client, exchange, interval, .. } => {
                vec![client_name(self.clients[*client]), exchange.clone(), interval.clone()]
            }
            Row::LeftOut(count) => vec![left_out(*count)],
        });
        aligned(&cells.collect::<Vec<_>>())
    }
}

/// Which of `operations` are shown: the first and the last ones, and `wrong` in any case.
fn shown(operations: &[u32], wrong: Option<u32>) -> Vec<bool> {
    let count = operations.len();
    let mut shown = vec![true; count];
    if count > ROWS {
        let (first, last) = (ROWS / 2 - 1, ROWS / 2);
        shown[first..count - last].fill(false);
        let hidden = |place: &usize| !shown[*place];
        let wrong = operations.iter().position(|index| Some(*index) == wrong).filter(hidden);
        if let Some(place) = wrong {
            // Its row, and one that says what is left out behind it.
            shown[first - 2..first].fill(false);
            shown[place] = true;
        }
    }
    shown
}

pub(in crate::report) fn client_name(client: u32) -> String {
    format!("client {client}")
}

pub(in crate::report) fn left_out(count: usize) -> String {
    format!("… {count} more")
}

/// Rows of cells as lines; a row's last cell may be wider than its column.
fn aligned(rows: &[Vec<String>]) -> Vec<String> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows.iter().filter(|row| row.len() == columns).map(|row| &row[column]);
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<_> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        let line = INDENT.to_owned() + &cells.collect::<Vec<_>>().join(GAP);
        line.trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}
