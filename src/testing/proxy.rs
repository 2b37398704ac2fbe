//! A slow line between a child and its parent: a TCP proxy that adds delay and takes away bandwidth, whatever is spoken
//! through it.
//!
//! A server that makes links from its own address instead of the `Host` header leads past the proxy.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::BytesMut;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, mpsc};
use tokio::time::{Instant, sleep, sleep_until};

/// How much is read at once. Small, so that connections share a narrow line fairly.
const PIECE_BYTES: usize = 16 << 10;

/// How many pieces of a connection may be on their way in one direction: 4 MB, about Linux's largest TCP window.
const PIECES_UNDER_WAY: usize = 256;

/// The quality of the line.
#[derive(Clone, Copy, Debug)]
pub struct LineQuality {
    /// From sending a byte to having an answer to it; half of it each way. Setting up a connection takes one more.
    pub round_trip: Duration,
    /// In each direction, shared by all connections; `None`: as fast as the machine.
    pub bits_per_second: Option<u64>,
}

/// The bytes that have gone over the line since it was opened, above TCP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traffic {
    /// Connections that clients opened.
    pub connections: u64,
    /// Bytes from clients to the server.
    pub to_server: u64,
    /// Bytes from the server to clients.
    pub to_client: u64,
}

impl Traffic {
    /// As the proxy program prints it.
    pub fn to_json(self) -> Value {
        json!({"connections": self.connections, "bytesToServer": self.to_server, "bytesToClient": self.to_client})
    }
}

/// One way of the line.
struct Way {
    half_trip: Duration,
    bits_per_second: Option<u64>,
    bytes: AtomicU64,
    /// When the last piece has been sent. Who waits for the lock is served in the order of asking.
    free_at: Mutex<Instant>,
}

impl Way {
    fn new(quality: LineQuality) -> Way {
        Way {
            half_trip: quality.round_trip / 2,
            bits_per_second: quality.bits_per_second,
            bytes: AtomicU64::new(0),
            free_at: Mutex::new(Instant::now()),
        }
    }

    /// Waits until so many bytes are sent; when they arrive at the other end.
    async fn send(&self, bytes: usize) -> Instant {
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        if let Some(bits_per_second) = self.bits_per_second {
            let mut free_at = self.free_at.lock().await;
            let seconds = bytes as f64 * 8.0 / bits_per_second as f64;
            *free_at = Instant::now().max(*free_at) + Duration::from_secs_f64(seconds);
            sleep_until(*free_at).await;
        }
        Instant::now() + self.half_trip
    }
}

/// The proxy. It serves on the runtime that it was opened on, until that one ends.
pub struct SlowLine {
    address: SocketAddr,
    line: Arc<Line>,
}

struct Line {
    server: SocketAddr,
    round_trip: Duration,
    connections: AtomicU64,
    to_server: Way,
    to_client: Way,
}

impl SlowLine {
    /// Listens at an address (port 0: any free one) and connects each who comes to the server.
    ///
    /// Errors: the address cannot be listened at.
    pub async fn open(listen: SocketAddr, server: SocketAddr, quality: LineQuality) -> std::io::Result<SlowLine> {
        let listener = TcpListener::bind(listen).await?;
        let address = listener.local_addr()?;
        let line = Arc::new(Line {
            server,
            round_trip: quality.round_trip,
            connections: AtomicU64::new(0),
            to_server: Way::new(quality),
            to_client: Way::new(quality),
        });
        tokio::spawn(accept(listener, line.clone()));
        Ok(SlowLine { address, line })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the bytes that have gone over it so far.
    pub fn traffic(&self) -> Traffic {
        Traffic {
            connections: self.line.connections.load(Ordering::Relaxed),
            to_server: self.line.to_server.bytes.load(Ordering::Relaxed),
            to_client: self.line.to_client.bytes.load(Ordering::Relaxed),
        }
    }
}

async fn accept(listener: TcpListener, line: Arc<Line>) {
    loop {
        match listener.accept().await {
            Ok((client, _)) => drop(tokio::spawn(carry(client, line.clone()))),
            Err(error) => log::warn!("a connection could not be accepted: {error}"),
        }
    }
}

/// One connection, until both sides have ended it or one has broken it.
async fn carry(client: TcpStream, line: Arc<Line>) {
    line.connections.fetch_add(1, Ordering::Relaxed);
    sleep(line.round_trip).await;
    let carried = async {
        let server = TcpStream::connect(line.server).await?;
        server.set_nodelay(true)?;
        client.set_nodelay(true)?;
        let (from_client, to_client) = client.into_split();
        let (from_server, to_server) = server.into_split();
        tokio::try_join!(
            carry_one_way(from_client, to_server, &line.to_server),
            carry_one_way(from_server, to_client, &line.to_client)
        )
    };
    if let Err(error) = carried.await {
        log::debug!("a connection through the slow line broke: {error}");
    }
}

async fn carry_one_way(from: OwnedReadHalf, to: OwnedWriteHalf, way: &Way) -> std::io::Result<()> {
    let (sender, receiver) = mpsc::channel(PIECES_UNDER_WAY);
    tokio::try_join!(take_in(from, sender, way), give_out(receiver, to)).map(|_| ())
}

/// A piece of what is carried, and when it arrives.
type Piece = (Instant, BytesMut);

async fn take_in(mut from: OwnedReadHalf, pieces: mpsc::Sender<Piece>, way: &Way) -> std::io::Result<()> {
    loop {
        let mut bytes = BytesMut::with_capacity(PIECE_BYTES);
        // An end travels like a piece: the last one, which is empty.
        let read = from.read_buf(&mut bytes).await?;
        let arrival = way.send(read).await;
        if pieces.send((arrival, bytes)).await.is_err() || read == 0 {
            return Ok(());
        }
    }
}

async fn give_out(mut pieces: mpsc::Receiver<Piece>, mut to: OwnedWriteHalf) -> std::io::Result<()> {
    while let Some((arrival, bytes)) = pieces.recv().await {
        sleep_until(arrival).await;
        if bytes.is_empty() {
            break;
        }
        to.write_all(&bytes).await?;
    }
    to.shutdown().await
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server that says back what it hears until it hears no more.
    async fn echo_server() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut from, mut to) = stream.split();
                    tokio::io::copy(&mut from, &mut to).await.unwrap();
                    to.shutdown().await.unwrap();
                });
            }
        });
        address
    }

    async fn echoed_through(line: &SlowLine, message: &[u8]) -> Vec<u8> {
        let mut stream = TcpStream::connect(line.address()).await.unwrap();
        let (mut from, mut to) = stream.split();
        let send = async {
            to.write_all(message).await.unwrap();
            to.shutdown().await.unwrap();
        };
        let mut heard = Vec::new();
        tokio::join!(send, async { from.read_to_end(&mut heard).await.unwrap() });
        heard
    }

    async fn line(quality: LineQuality) -> SlowLine {
        SlowLine::open("127.0.0.1:0".parse().unwrap(), echo_server().await, quality).await.unwrap()
    }

    #[tokio::test]
    async fn everything_goes_through_once_and_is_counted() {
        let line = line(LineQuality { round_trip: Duration::ZERO, bits_per_second: None }).await;
        let message: Vec<u8> = (0..1_000_000_u32).map(|number| (number % 251) as u8).collect();
        assert_eq!(echoed_through(&line, &message).await, message);
        assert_eq!(line.traffic(), Traffic { connections: 1, to_server: 1_000_000, to_client: 1_000_000 });
    }

    #[tokio::test]
    async fn a_round_trip_and_a_narrow_line_take_their_time() {
        let quality = LineQuality { round_trip: Duration::from_millis(40), bits_per_second: Some(1_000_000) };
        let line = line(quality).await;
        let start = Instant::now();
        assert_eq!(echoed_through(&line, &[7; 5_000]).await, [7; 5_000]);
        // One round trip to connect, one for the message, and 40 ms for its bits: never less, however slow the machine.
        assert!(start.elapsed() >= Duration::from_millis(40 + 40 + 40));
    }
}
