#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| loadgen::fuzzing::http2(bytes));
