//! What the report says in words.

pub(super) const HEAD: &str = "# Performance

<!-- Written by `cargo xtask bench`; the words are in bench/src/report/notes.rs. -->

What the project measures of itself, each beside a peer or a limit in the same run.

All runs of a table take turns, so that what else the machine does falls on all alike; figures are
medians. Ratios are of processor time (user and system, all threads, by `wait4`), which other load
disturbs least; peak memory is the largest resident set. The functions are the release binaries
(`opt-level = \"z\"`, fat LTO), `fisc` is of the profile `dist`.

Measure again, on a quiet machine:

```sh
cargo build --release --workspace --bins && cargo build --profile dist -p fisc
cargo install cfn-guard --root target/peers
python3 -m venv target/peers/python
target/peers/python/bin/pip install awslambdaric boto3 rdklib awscli
cargo xtask bench -- --cfn-guard target/peers/bin/cfn-guard \\
    --python target/peers/python/bin/python --aws target/peers/python/bin/aws
```

`cargo xtask bench start` (or `scan`, `logs`, `size`, `calls`) measures one part and keeps the others' figures;
`cargo xtask bench report` writes this page from them. `cargo bench` in the folder
`bench/` (criterion) measures the pure parts: item parsing, policy analysis, network ranges, the framer.

## Goals

{goals}";

pub(super) const START: &str = "From the start of the process to its first question for an event, \
and to the arrival of its report (PutEvaluations, or BatchImportFindings) at the emulated AWS, \
which is behind TLS 1.3 with a certificate that is checked against all authorities of the machine \
and one of the test. Event and answers are at hand at once: the rest is the function's own time, \
by the clock. Beside each function the usual Python one for the same control and event \
(awslambdaric, boto3, rdklib; `bench/peers`), which does less: it knows fewer traps. Each process \
gets one event; the first round only warms the page cache.\n";

pub(super) const WARM: &str = "Processor time of one event in a process that has seen one: of \
many events, minus that of a cold start with one.\n";

pub(super) const SCAN: &str = "Snapshots generated from the sample (`bench sample N FILE`): its \
items over and over, each a resource of its own. The floor is `serde_json` parsing the same bytes, \
already in memory: every item into a `Value` that is dropped (\"into values\"), or nothing but the \
syntax (\"syntax only\"). cfn-guard evaluates rules like six of the controls \
(`bench/peers/rules.guard`).\n";

pub(super) const LOGS: &str = "A day of CloudTrail logs with a valid chain of signed digests, in \
an emulated S3 on this machine (its own time is not counted) and in a folder. The floor reads the \
same files from the folder, inflates them with the same library and hashes them with SHA-256.\n";

pub(super) const SIZE: &str = "Binary as built, and as a zip for Lambda (x86-64).\n";

pub(super) const CALLS: &str = "The number of AWS calls in one scheduled run, by an emulated \
account that has n of everything, twice and four times as many. Its answers are made from the \
services' models: plausible, not real, so that some controls refuse them. A test holds that no \
control's calls grow worse than in proportion, and that none asks the same thing twice in a run. \
PutEvaluations (one per 100 results) and what the rule machinery itself asks come on top.\n";

/// Why goals are missed, by measurement.
pub(super) const WHY: &[(u8, &str)] = &[
    (
        1,
        "what a function does before its first question is to build its clients and read the \
trusted authorities of the machine; the kernel maps the binary, so that size costs too.",
    ),
    (
        3,
        "every item is judged by all controls of its type, after the parsing that the floor does \
too; results beyond 16 MiB are sorted, compressed and written to temporary files, and read again \
for the output.",
    ),
    (4, "from S3, every object is a signed request of its own, which the floor does not make."),
    (
        5,
        "a domain that asks many services links the SDK of each: what is linked of one are the \
types, the errors and the (de)serialisers of the operations that are called. Levers, in the order \
of what they should bring: identical code folding by the linker (`-Wl,--icf=all`), signed calls without an SDK for services of which one or two operations are \
read (as `fisc_shared::ec2` does), and a domain in two binaries.",
    ),
    (6, "a run that asks the same twice pays twice: the answer has to be kept for the run."),
];
