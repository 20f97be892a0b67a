//! A TCP proxy whose connections a test can cut or delay, and whose bytes it counts.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::mpsc,
    time::{Instant, sleep, sleep_until},
};
use tokio_util::sync::CancellationToken;

/// A proxy in front of one address; ends when dropped.
#[derive(Debug)]
pub(crate) struct Tunnel {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
    stop: CancellationToken,
}

#[derive(Debug)]
struct Shared {
    target: Mutex<SocketAddr>,
    /// Cancelled when the current connections are cut.
    current: Mutex<CancellationToken>,
    is_open: AtomicBool,
    is_frozen: AtomicBool,
    bytes: AtomicU64,
    /// Delay each way, in milliseconds.
    delay: AtomicU64,
}

impl Tunnel {
    pub(crate) async fn to(target: SocketAddr) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").await.unwrap(), target)
    }

    pub(crate) fn on(listener: TcpListener, target: SocketAddr) -> Self {
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            target: Mutex::new(target),
            current: Mutex::default(),
            is_open: AtomicBool::new(true),
            is_frozen: AtomicBool::new(false),
            bytes: AtomicU64::new(0),
            delay: AtomicU64::new(0),
        });
        let stop = CancellationToken::new();
        tokio::spawn(stop.clone().run_until_cancelled_owned(accept(listener, Arc::clone(&shared))));
        Self { address, shared, stop }
    }

    /// Closes all connections, and new ones at once, until [`Self::mend`].
    pub(crate) fn cut(&self) {
        self.shared.is_open.store(false, Ordering::Relaxed);
        self.close();
    }

    /// Lets connections through again.
    pub(crate) fn mend(&self) {
        self.shared.is_frozen.store(false, Ordering::Relaxed);
        self.shared.is_open.store(true, Ordering::Relaxed);
    }

    /// Keeps connections open and passes no more bytes, until [`Self::mend`] and [`Self::close`].
    pub(crate) fn freeze(&self) {
        self.shared.is_frozen.store(true, Ordering::Relaxed);
    }

    /// Delays each byte from now on, each way.
    pub(crate) fn delay(&self, delay: Duration) {
        self.shared.delay.store(delay.as_millis().try_into().unwrap(), Ordering::Relaxed);
    }

    /// Closes all connections.
    pub(crate) fn close(&self) {
        std::mem::take(&mut *self.shared.current.lock().unwrap()).cancel();
    }

    /// Leads new connections elsewhere.
    pub(crate) fn lead_to(&self, target: SocketAddr) {
        *self.shared.target.lock().unwrap() = target;
        self.close();
    }

    /// Bytes passed so far, in both directions.
    pub(crate) fn bytes(&self) -> u64 {
        self.shared.bytes.load(Ordering::Relaxed)
    }
}

impl Drop for Tunnel {
    fn drop(&mut self) {
        self.stop.cancel();
        self.close();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((client, _)) = listener.accept().await {
        let (target, until) = (*shared.target.lock().unwrap(), shared.current.lock().unwrap().clone());
        if !shared.is_open.load(Ordering::Relaxed) {
            continue;
        }
        let shared = Arc::clone(&shared);
        tokio::spawn(until.run_until_cancelled_owned(async move {
            let Ok(server) = TcpStream::connect(target).await else { return };
            let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
            tokio::join!(pass(from_client, to_server, &shared), pass(from_server, to_client, &shared));
        }));
    }
}

async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, shared: &Shared) {
    let (queue, mut due) = mpsc::channel::<(Instant, Vec<u8>)>(1024);
    let read = async move {
        let mut buffer = vec![0; 16 << 10];
        while let Ok(length @ 1..) = from.read(&mut buffer).await {
            let delay = Duration::from_millis(shared.delay.load(Ordering::Relaxed));
            if queue.send((Instant::now() + delay, buffer[..length].to_vec())).await.is_err() {
                return;
            }
        }
    };
    let write = async move {
        while let Some((at, bytes)) = due.recv().await {
            sleep_until(at).await;
            while shared.is_frozen.load(Ordering::Relaxed) {
                sleep(Duration::from_millis(20)).await;
            }
            shared.bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
            if to.write_all(&bytes).await.is_err() {
                return;
            }
        }
        let _ = to.shutdown().await;
    };
    // A peer that is gone ends both.
    tokio::select! {
        () = write => {}
        () = async { read.await; std::future::pending::<()>().await } => {}
    }
}
