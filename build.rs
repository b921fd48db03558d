//! Gives the worker's module the stack that deep expressions and Python's calls need.

/// Bytes of the worker's stack in WebAssembly's memory.
const WORKER_STACK: u32 = 32 << 20;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let wasm = std::env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family == "wasm");
    if wasm && std::env::var_os("CARGO_FEATURE_ENGINE").is_some() {
        println!("cargo:rustc-link-arg-bin=worker=-zstack-size={WORKER_STACK}");
    }
}
