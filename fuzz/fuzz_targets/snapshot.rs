#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fisc_fuzz::input::hostile::snapshot(data));
