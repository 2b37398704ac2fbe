//! An HTTP proxy that notes what it is asked, and asks for a user name and password itself.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

/// `proxy-user:proxy-secret`
const BASIC: &str = "Basic cHJveHktdXNlcjpwcm94eS1zZWNyZXQ=";
pub const USER: &str = "proxy-user";
pub const PASSWORD: &str = "proxy-secret";

/// Stops serving when dropped.
pub struct ProxyServer {
    pub url: String,
    asked: Arc<Mutex<Vec<String>>>,
    server: tokio::task::JoinHandle<()>,
}

impl Drop for ProxyServer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl ProxyServer {
    pub async fn start() -> ProxyServer {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let log = asked.clone();
        let server = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, log.clone()));
            }
        });
        ProxyServer { url, asked, server }
    }

    /// The first line of each request that had the right password, or the first one of each connection through it.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

async fn carry(mut client: TcpStream, asked: Arc<Mutex<Vec<String>>>) {
    let head = read_head(&mut client).await;
    if !head.contains(BASIC) {
        let refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        client.write_all(refusal).await.unwrap();
        return;
    }
    asked.lock().unwrap().push(head.lines().next().unwrap_or_default().to_string());
    let target = head.split(' ').nth(1).unwrap();
    let tunnel = head.starts_with("CONNECT ");
    let host = if tunnel { target } else { target.trim_start_matches("http://").split('/').next().unwrap() };
    let mut server = TcpStream::connect(host).await.unwrap();
    if tunnel {
        client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.unwrap();
    } else {
        server.write_all(head.as_bytes()).await.unwrap();
    }
    // However either side ends it.
    let _ = copy_bidirectional(&mut client, &mut server).await;
}

async fn read_head(client: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match client.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8(head).unwrap()
}
