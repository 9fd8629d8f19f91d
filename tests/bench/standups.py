"""Four stand-ups of invented AI teams: what was said, what belongs together, and what speaks of a risk.

Each line is a theme (or `-` where it belongs to no other one), `!` where it speaks of a risk, and the words.
"""

STANDUPS = (
    """
    tok   Finished the tokenizer ablation at 32k and 64k vocabulary.
    tok   Compared the new tokenizer on the code corpus, 4 % fewer tokens.
    tok   Reviewed Ana's vocabulary numbers for the tokenizer.
    load  Rewrote the data loader to stream shards from the bucket.
    load  ! The streaming loader crashes when a shard is empty.
    load  Added a test for empty shards in the loader.
    eval  Ran the evaluation suite on checkpoint 12000.
    eval  MMLU moved from 41.2 to 42.0 on the evaluation suite.
    eval  ! Not sure the evaluation suite is comparable after the prompt change.
    -     Interviewed two candidates.
    -     Fixed the office printer.
    """,
    """
    run   Restarted run r-117 from step 80000 after the node failure.
    run   ! Run r-117 diverged again at step 91000, gradient norm above 40.
    run   Lowered the peak learning rate of run r-117 to 2e-4.
    run   Plotted the gradient norm of r-117 against r-104.
    clu   Moved the cluster queue to the new scheduler.
    clu   Users can now see their place in the cluster queue.
    clu   ! The scheduler may slip jobs on Friday during the migration.
    doc   Wrote the page on checkpoint formats.
    doc   Updated the checkpoint format page with the optimizer state.
    -     Half a day of on-call, nothing happened.
    -     Read the paper on mixture of experts.
    """,
    """
    ret   Retriever recall at 10 is 0.81 with the new embeddings.
    ret   Trained the embeddings for the retriever on the support tickets.
    ret   Swapped the retriever index for the larger one.
    ann   Wrote guidelines for the annotators.
    ann   Two annotators finished the first batch of 500 tickets.
    ann   ! Annotators disagree on tone labels, we are behind schedule.
    lat   Cut the median latency from 900 ms to 640 ms.
    lat   ! Tail latency is worse than before, p99 regressed to 4 s.
    lat   Profiled where requests spend their time; the reranker is slow.
    bud   Asked finance for the GPU budget of next quarter.
    bud   ! We are running out of GPU hours this month.
    -     Prepared the demo for Thursday.
    """,
    """
    rl    The reward model agrees with raters on 78 % of pairs.
    rl    Collected 2,000 more preference pairs for the reward model.
    rl    ! Policy training with the reward model is unstable after 300 steps.
    saf   Red-teamed the assistant with the new prompts.
    saf   Sorted the red team findings by severity.
    saf   Fixed the refusal regression that red-teaming had found.
    inf   Upgraded the inference server to the new kernel.
    inf   Inference throughput is up 18 % on the new server.
    inf   ! The inference server ran OOM twice last night.
    -     Onboarded Jo.
    -     Cleaned up old branches.
    -     Talked to legal about the data licence.
    """,
)


def read(standup: str) -> list[tuple[str, bool, str]]:
    """Its lines: the theme (empty for none), whether it is a risk, the words."""
    found = []
    for line in standup.strip().splitlines():
        theme, _, rest = line.strip().partition(" ")
        rest = rest.strip()
        found.append(("" if theme == "-" else theme, rest.startswith("!"), rest.removeprefix("!").strip()))
    return found
