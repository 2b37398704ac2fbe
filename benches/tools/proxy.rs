//! A slow line as a process, for benchmarks in any language:
//! `proxy --listen 127.0.0.1:0 --to 127.0.0.1:8080 --rtt-ms 300 [--bits-per-second 1000000]`.
//!
//! Prints the port that it listens at as its first line. Then, for each line on its standard input, and once more at the
//! end of that, which ends the program, what has gone over the line so far as JSON: `connections`, `bytesToServer`,
//! `bytesToClient`.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::str::FromStr;
use std::time::Duration;

use sync2::testing::proxy::{LineQuality, SlowLine};

fn main() -> ExitCode {
    let Some(options) = Options::parse(std::env::args().skip(1)) else {
        eprintln!("usage: proxy --listen HOST:PORT --to HOST:PORT --rtt-ms N [--bits-per-second N]");
        return ExitCode::from(2);
    };
    match serve(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("proxy: {error}");
            ExitCode::FAILURE
        }
    }
}

struct Options {
    listen: SocketAddr,
    to: SocketAddr,
    quality: LineQuality,
}

impl Options {
    /// None when they are wrong.
    fn parse(arguments: impl Iterator<Item = String>) -> Option<Options> {
        let arguments: Vec<String> = arguments.collect();
        let pairs = arguments.chunks(2).map(|pair| Some((pair[0].strip_prefix("--")?, pair.get(1)?.as_str())));
        let mut given: HashMap<&str, &str> = pairs.collect::<Option<_>>()?;
        let options = Options {
            listen: take(&mut given, "listen")?,
            to: take(&mut given, "to")?,
            quality: LineQuality {
                round_trip: Duration::from_millis(take(&mut given, "rtt-ms")?),
                bits_per_second: match given.remove("bits-per-second") {
                    Some(bits) => Some(bits.parse().ok().filter(|bits| *bits > 0)?),
                    None => None,
                },
            },
        };
        given.is_empty().then_some(options)
    }
}

fn take<T: FromStr>(given: &mut HashMap<&str, &str>, name: &str) -> Option<T> {
    given.remove(name)?.parse().ok()
}

fn serve(options: &Options) -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let line = runtime.block_on(SlowLine::open(options.listen, options.to, options.quality))?;
    println!("{}", line.address().port());
    for request in std::io::stdin().lines() {
        request?;
        println!("{}", line.traffic().to_json());
    }
    println!("{}", line.traffic().to_json());
    Ok(())
}
