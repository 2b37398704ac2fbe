//! A server in front of the mock parent that answers one kind of request byte by byte, without an end.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use sync2::testing::mock_parent::MockParent;

/// Listens as long as the test runs.
pub struct Crawling {
    address: SocketAddr,
}

impl Crawling {
    /// Requests whose path contains that get that status and a body without an end; the others go on to the parent.
    pub fn before(parent: &MockParent, path: &'static str, status: &'static str) -> Crawling {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let parent = (parent.url().host_str().unwrap().to_string(), parent.url().port().unwrap());
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let parent = parent.clone();
                // Ends when the client has had enough.
                std::thread::spawn(move || drop(answer(stream, (&parent.0, parent.1), path, status)));
            }
        });
        Crawling { address }
    }

    pub fn url(&self) -> String {
        format!("http://{}/openmrs", self.address)
    }
}

fn answer(mut stream: TcpStream, parent: (&str, u16), path: &str, status: &str) -> std::io::Result<()> {
    let mut head = String::new();
    let mut reader = BufReader::new(stream.try_clone()?);
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Ok(());
        }
    }
    if head.lines().next().unwrap_or_default().contains(path) {
        write!(stream, "HTTP/1.1 {status}\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\n")?;
        loop {
            stream.write_all(b"1\r\n \r\n")?;
            std::thread::sleep(Duration::from_millis(50));
        }
    }
    let mut onward = TcpStream::connect(parent)?;
    onward.write_all(head.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n").as_bytes())?;
    let mut answer = Vec::new();
    onward.read_to_end(&mut answer)?;
    // The pages of the feeds link to where they are asked for. Ports that the system gives have five digits.
    let own = format!("127.0.0.1:{}", stream.local_addr()?.port());
    let answer = String::from_utf8_lossy(&answer).replace(&format!("{}:{}", parent.0, parent.1), &own).into_bytes();
    let answer = answer.split_at(answer.windows(4).position(|end| end == b"\r\n\r\n").unwrap_or_default());
    stream.write_all(answer.0)?;
    stream.write_all(b"\r\nConnection: close")?;
    stream.write_all(answer.1)
}
