#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| check::fuzzing::certificate(bytes));
