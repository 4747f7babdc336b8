"""Draw the learning curve of a run and the first thing that it recorded: python3 example.py RUN FIGURE.png"""
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

import retrodict

run = retrodict.Run(sys.argv[1]) if len(sys.argv) > 1 else retrodict.latest()
figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4), constrained_layout=True)
left.plot(run.metrics["epoch"], run.metrics["accuracy"], marker="o")
left.set(xlabel="epoch", ylabel="accuracy", ylim=(0, 1), title=f"{run.manifest['name']}, seed {run.manifest['seed']}")
for name, trace in [item for item in run.traces.items() if len(item[1])][:1]:
    timed, here = trace.ms[0] == trace.ms[0], trace.step == trace.step[0]  # not NaN; the first update
    here = here if here.sum() > 1 else here | True  # or all, if each has one moment
    for target in trace.targets[:8]:
        y = trace.of(trace.what[0], target).reshape(len(trace), -1)[here, 0]
        right.plot(trace.ms[here] if timed else range(len(y)), y, label=target, drawstyle="steps-post")
    right.set(xlabel="ms" if timed else "moment", ylabel=trace.what[0], title=name)
    right.legend(fontsize="small", loc="upper left", bbox_to_anchor=(1, 1))  # beside the traces
figure.savefig(sys.argv[2] if len(sys.argv) > 2 else "figure.png", dpi=120)
