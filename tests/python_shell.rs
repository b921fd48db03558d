//! What Python programs print here against what CPython prints: `tests/python/programs.txt`.
//!
//! Each program stands above `----` and its output below it; `tests/python/record.py` records
//! the outputs with CPython.

use marketplace_analytics::shell::interpret::{Interpreter, Program};
use marketplace_analytics::shell::value::Namespace;
use std::rc::Rc;

/// What the shell shows of a program: what it prints, then the last value or the exception.
fn shown(code: &str) -> String {
    let mut vm = Interpreter::new();
    let program = match Program::parse(code) {
        Ok(program) => program,
        Err(errors) => return errors[0].to_string(),
    };
    let names: Rc<Namespace> = Rc::default();
    let outcome = vm.run(&program, &names);
    let mut text = outcome.output;
    match outcome.value {
        Ok(Some(value)) => match vm.repr(&value) {
            Ok(shown) => text += &shown,
            Err(raised) => text += &vm.failure(&raised).diagnostic.to_string(),
        },
        Ok(None) => {}
        Err(failure) => text += &failure.diagnostic.to_string(),
    }
    text.trim_end().to_owned()
}

#[test]
fn programs_print_what_cpython_prints() {
    let run = || {
        let mut wrong = Vec::new();
        let mut count = 0;
        for case in include_str!("python/programs.txt").split("\n====\n") {
            let Some((code, expected)) = case.split_once("\n----\n") else {
                panic!("a program without its output: {case}");
            };
            count += 1;
            let found = shown(code);
            if found != expected.trim_end() {
                wrong.push(format!("{code}\n  CPython: {expected}\n  here:    {found}"));
            }
        }
        (count, wrong)
    };
    // Unoptimised code needs more stack than a test's thread has.
    let (count, wrong) = std::thread::Builder::new()
        .stack_size(64 << 20)
        .spawn(run)
        .expect("a thread")
        .join()
        .expect("the programs run");
    assert!(count > 100, "only {count} programs");
    assert!(
        wrong.is_empty(),
        "{} of {count} differ\n\n{}",
        wrong.len(),
        wrong.join("\n\n")
    );
}
