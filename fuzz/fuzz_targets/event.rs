#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fisc_shared::hostile::event(data));
