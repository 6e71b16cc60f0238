#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fisc_fuzz::credential_report(data));
