//! The native command line.

#[cfg(not(target_family = "wasm"))]
fn main() -> std::process::ExitCode {
    marketplace_analytics::command_line::main(std::env::args().skip(1))
}

#[cfg(target_family = "wasm")]
fn main() {}
