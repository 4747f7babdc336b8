// Command retrodict trains networks by predictive coding, with an actor for every vertex, and compares them with
// backprop bit by bit.
//
//	retrodict run [CONFIG] [--set key=value]...   train, compare, show
//	retrodict study CONFIG [--dry-run]             run every combination of a sweep, into one table and figures
//	retrodict verify [CONFIG] [--arch random]     compare engines with backprop over many networks
//	retrodict graph [CONFIG] [--dot FILE]         show the levels of a graph
//	retrodict size CONFIG                         say what an update will cost
//	retrodict grad --onnx M.onnx --input x=in.npy --target t.npy --loss mse --out grads.npz
//	retrodict infer --onnx M.onnx --input x=in.npy --out outputs.npz
//	retrodict ops                                 list what a graph can be made of
//	retrodict run --resume RUN                    go on with a run that was interrupted or killed
//	retrodict replay RUN                          run again what happened in a run of free-running actors
//	retrodict experiment list|run NAME            reproduce published tables and figures
//	retrodict runs list|show|diff|rm              look after runs
//	retrodict plot RUN                            draw a run
//	retrodict export RUN                          put a run into one archive
//	retrodict record --list                       say what can be recorded
//	retrodict config show|check|defaults|schema   look at experiments without running them
//	retrodict version
//
// Exit codes: 0 success, 1 parameters differ that must not or a run failed, 2 bad usage or input, 130 interrupted.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/retrodict/retrodict/network"
)

// Exit codes.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130
)

// An exit is an error with the code that the process ends with.
type exit struct {
	code int
	err  error // nil: nothing more to say
}

func (e *exit) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *exit) Unwrap() error { return e.err }

// usage marks err as bad usage or input.
func usage(err error) error {
	if err == nil {
		return nil
	}
	return &exit{exitUsage, err}
}

// failed marks err as a failure of something that was well asked for.
func failed(err error) error {
	if err == nil {
		return nil
	}
	return &exit{exitFailed, err}
}

// terminal is where a command reads and writes.
type terminal struct {
	ctx  context.Context // ends at the first interrupt
	out  io.Writer
	err  *os.File
	args []string
}

type commands struct {
	Run        runCommand         `cmd:"" help:"Train a network, compare it with backprop after every epoch, and show what breaks the equality."`
	Verify     verifyCommand      `cmd:"" help:"Compare engines with backprop, bit by bit, over architectures, grains, schedules, types and seeds."`
	Graph      graphCommand       `cmd:"" help:"Show the levels of a network's graph, or write it for graphviz."`
	Size       sizeCommand        `cmd:"" help:"Say what a network and an update of it will cost, before running."`
	Grad       gradCommand        `cmd:"" help:"Write the gradient of a loss with respect to every float initializer of your ONNX model."`
	Infer      inferCommand       `cmd:"" help:"Write the outputs of your ONNX model for your inputs."`
	Ops        opsCommand         `cmd:"" help:"List what a graph can be made of: ONNX operators with their opsets, elementary functions, losses."`
	Replay     replayCommand      `cmd:"" help:"Run again, in virtual time, what happened in a run of free-running actors, and compare the bits."`
	Study      studyCommand       `cmd:"" help:"Run an experiment under every combination of what it varies, into one table and figures."`
	Experiment experimentsCommand `cmd:"" help:"Published tables and figures, and training end to end, as claims that are checked."`
	Bench      benchCommand       `cmd:"" help:"Measure what an update costs: backprop, predictive coding and actors in turns; single neurons by the million; scaling."`
	Runs       runsCommand        `cmd:"" help:"List, show, compare and remove runs."`
	Plot       plotCommand        `cmd:"" help:"Draw a run as SVG and PNG, each with the numbers that it was drawn from."`
	Export     exportCommand      `cmd:"" help:"Put a run into one archive, with the command that runs it again."`
	Record     recordCommand      `cmd:"" help:"List what can be recorded."`
	Config     configCommand      `cmd:"" help:"Show, check and explain experiments."`
	Version    versionCommand     `cmd:"" help:"Print the version."`
}

func main() { os.Exit(start(os.Args[1:])) }

// start runs the command that args name and returns the exit code. The first interrupt ends it gracefully; a second kills.
func start(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	var c commands
	done := -1
	parser, err := kong.New(&c, kong.Name("retrodict"), kong.Exit(func(code int) { done = code }), kong.Vars{"jobs": jobNames(), "archs": strings.Join(network.Names(), ", "), "schedules": strings.Join(schedules(), ", ")},
		kong.Description("Predictive coding as actors, calibrated to zero against backprop."), kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		fmt.Fprintln(os.Stderr, "retrodict:", err)
		return exitFailed
	}
	switch {
	case len(args) == 0:
		args = []string{"--help"}
	case args[0] == "help":
		args = append(args[1:len(args):len(args)], "--help")
	}
	k, err := parser.Parse(args)
	if done >= 0 {
		return done
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "retrodict: %v (see retrodict --help)\n", err)
		return exitUsage
	}
	err = k.Run(&terminal{ctx: ctx, out: os.Stdout, err: os.Stderr, args: os.Args})
	return report(ctx, err)
}

// report says what went wrong and returns the exit code.
func report(ctx context.Context, err error) int {
	if err == nil {
		return exitOK
	}
	code := exitFailed
	var e *exit
	if errors.As(err, &e) {
		code = e.code
	}
	if ctx.Err() != nil {
		code = exitInterrupted
	}
	if s := err.Error(); s != "" {
		fmt.Fprintln(os.Stderr, "retrodict:", s)
	}
	return code
}
