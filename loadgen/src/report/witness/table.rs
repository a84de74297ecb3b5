//! The table of a witness.

use super::super::layout::{Cell, Grid, Screen, cell, wrap};
use super::{WIDTH, Witness};

/// The most rows that a table has; one of them may say how many are left out.
const ROWS: usize = 12;
/// With more clients there is one column, which names them.
const MOST_CLIENTS: usize = 4;
const GRID: Grid<'_> = Grid { indent: "   ", gap: "   ", right: &[] };
/// What stands below a client where not even one operation a line fits.
const DEEPER: &str = "      ";

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

    /// The table as lines: in columns if they fit, or one operation a line, or one below the other.
    pub(super) fn lines(&self, screen: Screen) -> Vec<String> {
        let screen = Screen { columns: Some(screen.at_most(WIDTH)), ..screen };
        let columns = self.has_columns().then(|| self.columns());
        let columns = columns.and_then(|rows| GRID.lines(&rows, screen));
        columns.or_else(|| GRID.lines(&self.list(), screen)).unwrap_or_else(|| self.stack(screen))
    }

    /// A column for each client.
    fn columns(&self) -> Vec<Vec<Cell>> {
        let clients = self.clients.iter().map(|client| cell(client_name(*client)));
        let mut rows = vec![clients.collect()];
        rows.extend(self.rows.iter().map(|row| match row {
            Row::Operation { client, exchange, interval, .. } => {
                let own = |column| {
                    if column == *client {
                        format!("{exchange}  {interval}")
                    } else {
                        String::new()
                    }
                };
                (0..self.clients.len()).map(|column| cell(own(column))).collect()
            }
            Row::LeftOut(count) => vec![cell(left_out(*count))],
        }));
        rows
    }

    /// One operation a line, with its client.
    fn list(&self) -> Vec<Vec<Cell>> {
        let rows = self.rows.iter().map(|row| match row {
            Row::Operation { client, exchange, interval, .. } => {
                vec![cell(client_name(self.clients[*client])), cell(exchange), cell(interval)]
            }
            Row::LeftOut(count) => vec![cell(left_out(*count))],
        });
        rows.collect()
    }

    /// One operation below the other.
    fn stack(&self, screen: Screen) -> Vec<String> {
        let columns = screen.at_most(WIDTH).saturating_sub(DEEPER.len());
        let lines = self.rows.iter().flat_map(|row| match row {
            Row::Operation { client, exchange, interval, .. } => {
                let name = format!("{}{}", GRID.indent, client_name(self.clients[*client]));
                let below = [exchange, interval].into_iter().flat_map(|text| wrap(text, columns));
                let below = below.map(|line| DEEPER.to_owned() + &line);
                std::iter::once(name).chain(below).collect()
            }
            Row::LeftOut(count) => vec![format!("{}{}", GRID.indent, left_out(*count))],
        });
        lines.collect()
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
