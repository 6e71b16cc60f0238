#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fisc_fuzz::message::hostile::message(data));
