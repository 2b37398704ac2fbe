//! The engine by itself: no JVM, a parent in a process of its own, and a host that costs nothing or next to it.
//!
//! `cargo bench --features testing --bench engine -- [throughput | skip | idle | memory | space]`: all of them, or one. Each prints one
//! line of JSON on stdout.

mod idle;
mod measure;
mod memory;
mod parent;
mod skip;
mod space;
mod throughput;

use std::process::ExitCode;

use serde_json::Value;

/// A benchmark: its name, and what runs it and gives its line.
type Bench = (&'static str, fn() -> Value);

const BENCHES: [Bench; 5] = [
    ("throughput", throughput::run),
    ("skip", skip::run),
    ("idle", idle::run),
    ("memory", memory::run),
    ("space", space::run),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [] => BENCHES.iter().for_each(|(_, run)| println!("{}", run())),
        [parent::ROLE, content] => parent::serve(content),
        [wanted] => match BENCHES.iter().find(|(name, _)| *name == wanted) {
            Some((_, run)) => println!("{}", run()),
            None => return wrong_usage(),
        },
        _ => return wrong_usage(),
    }
    ExitCode::SUCCESS
}

fn wrong_usage() -> ExitCode {
    let names: Vec<&str> = BENCHES.iter().map(|(name, _)| *name).collect();
    eprintln!("usage: engine [{}]", names.join(" | "));
    ExitCode::from(2)
}
