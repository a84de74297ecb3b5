//! Connections that are kept, so that no request has to open one.
//!
//! The pools that come with the crates do not tell a database that is gone from a pool that is exhausted,
//! and ask each connection whether it lives. Here a connection comes back only where it is known to be in
//! order: whatever breaks off, a request that is given up included, closes it.

use std::ops::{Deref, DerefMut};
use std::sync::Mutex;
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use super::{Error, Limits};

/// How connections are made.
pub(crate) trait Connect: Send + Sync + 'static {
    type Connection: Send;

    /// A connection; [`Error::Gone`] where the database may be there later.
    fn connect(&self) -> impl Future<Output = Result<Self::Connection, Error>> + Send;
}

pub(super) struct Pool<C: Connect> {
    connector: C,
    idle: Mutex<Vec<C::Connection>>,
    permits: Semaphore,
    limits: Limits,
}

/// How long a connection may take to be made.
const CONNECT_LIMIT: Duration = Duration::from_secs(3);

impl<C: Connect> Pool<C> {
    pub(super) fn new(connector: C, limits: Limits) -> Self {
        let permits = Semaphore::new(limits.connections);
        Self { connector, idle: Mutex::default(), permits, limits }
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// A connection for one request, which comes back if it is said to be in order.
    pub(super) async fn lease(&self) -> Result<Lease<'_, C>, Error> {
        let Limits { connections, free_connection: waited, .. } = self.limits;
        let permit = timeout(waited, self.permits.acquire()).await;
        let permit = permit.map_err(|_| Error::Exhausted { connections, waited })?;
        let permit = permit.map_err(|_| Error::Gone("the service ends".to_owned()))?;
        let idle = self.idle().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        Ok(Lease { connection: Some(connection), in_order: true, pool: self, _permit: permit })
    }

    pub(super) async fn connect(&self) -> Result<C::Connection, Error> {
        let connected = timeout(CONNECT_LIMIT, self.connector.connect()).await;
        let late = || Error::Gone(format!("it took no connection within {CONNECT_LIMIT:?}"));
        connected.map_err(|_| late()).flatten()
    }

    /// Gives out no connection any more, and lets go of those that are idle.
    pub(super) fn close(&self) -> Vec<C::Connection> {
        self.permits.close();
        std::mem::take(&mut self.idle())
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<C::Connection>> {
        // Nothing that holds it can panic.
        self.idle.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// A connection that a request has for itself.
pub(super) struct Lease<'p, C: Connect> {
    connection: Option<C::Connection>,
    in_order: bool,
    pool: &'p Pool<C>,
    _permit: SemaphorePermit<'p>,
}

impl<C: Connect> Lease<'_, C> {
    /// From now on the connection is closed unless it is said to be in order again.
    pub(super) fn begin(&mut self) {
        self.in_order = false;
    }

    /// Nothing is pending on the connection.
    pub(super) fn is_in_order(&mut self) {
        self.in_order = true;
    }

    /// The database is gone: what is idle has been connected to it, and is of no more use.
    pub(super) fn is_lost(&mut self) {
        self.in_order = false;
        self.pool.idle().clear();
    }
}

impl<C: Connect> Deref for Lease<'_, C> {
    type Target = C::Connection;

    fn deref(&self) -> &C::Connection {
        self.connection.as_ref().expect("only dropping takes it")
    }
}

impl<C: Connect> DerefMut for Lease<'_, C> {
    fn deref_mut(&mut self) -> &mut C::Connection {
        self.connection.as_mut().expect("only dropping takes it")
    }
}

impl<C: Connect> Drop for Lease<'_, C> {
    fn drop(&mut self) {
        if self.in_order && !self.pool.permits.is_closed() {
            let connection = self.connection.take();
            self.pool.idle().extend(connection);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    use super::*;

    #[derive(Default)]
    struct Numbered {
        made: AtomicUsize,
        is_gone: AtomicBool,
    }

    impl Connect for Numbered {
        type Connection = usize;

        async fn connect(&self) -> Result<usize, Error> {
            if self.is_gone.load(Ordering::Relaxed) {
                return Err(Error::Gone("refused".to_owned()));
            }
            Ok(self.made.fetch_add(1, Ordering::Relaxed))
        }
    }

    fn pool(connections: usize) -> Pool<Numbered> {
        Pool::new(Numbered::default(), Limits { connections, ..Limits::default() })
    }

    #[tokio::test]
    async fn only_what_is_in_order_comes_back() {
        let pool = pool(2);
        drop(pool.lease().await.unwrap());
        let mut lease = pool.lease().await.unwrap();
        assert_eq!(*lease, 0);
        lease.begin();
        drop(lease);
        let mut lease = pool.lease().await.unwrap();
        assert_eq!(*lease, 1);
        lease.begin();
        lease.is_in_order();
        drop(lease);
        assert_eq!(*pool.lease().await.unwrap(), 1);
    }

    #[tokio::test]
    async fn where_one_is_lost_those_that_are_idle_are_lost_too() {
        let pool = pool(3);
        let (a, b) = (pool.lease().await.unwrap(), pool.lease().await.unwrap());
        let mut lost = pool.lease().await.unwrap();
        drop((a, b));
        lost.is_lost();
        drop(lost);
        assert_eq!(*pool.lease().await.unwrap(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn a_pool_that_is_exhausted_says_so_in_time_and_recovers() {
        let pool = pool(1);
        let held = pool.lease().await.unwrap();
        let start = tokio::time::Instant::now();
        let refused = pool.lease().await.map(drop).unwrap_err();
        assert_eq!(start.elapsed(), Limits::default().free_connection);
        assert!(matches!(refused, Error::Exhausted { connections: 1, .. }), "{refused}");
        drop(held);
        assert!(pool.lease().await.is_ok());
    }

    #[tokio::test]
    async fn a_database_that_is_gone_is_told_apart_at_once_and_comes_back() {
        let pool = pool(1);
        pool.connector.is_gone.store(true, Ordering::Relaxed);
        for _ in 0..3 {
            let refused = pool.lease().await.map(drop).unwrap_err();
            assert_eq!(refused, Error::Gone("refused".to_owned()));
        }
        pool.connector.is_gone.store(false, Ordering::Relaxed);
        assert!(pool.lease().await.is_ok());
    }

    #[tokio::test]
    async fn a_pool_that_is_closed_gives_out_nothing() {
        let pool = pool(2);
        let late = pool.lease().await.unwrap();
        drop(pool.lease().await.unwrap());
        assert_eq!(pool.close(), [1]);
        drop(late);
        assert!(pool.close().is_empty());
        assert!(matches!(pool.lease().await.map(drop), Err(Error::Gone(_))));
    }
}
