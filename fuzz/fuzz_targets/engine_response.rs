#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| app::cost_check::checked(server::fuzzing::engine_response, bytes));
