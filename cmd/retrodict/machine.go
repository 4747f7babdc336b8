package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/retrodict/retrodict/actors"
	"github.com/retrodict/retrodict/config"
	"github.com/retrodict/retrodict/tensor"
)

// blasFlag is the flag of every command that multiplies matrices.
type blasFlag struct {
	BLAS string `name:"blas" placeholder:"NAME" help:"Matrix products: builtin, openblas (a program built by make build TAGS= has it, on Linux and amd64) or gonum. Default: builtin, or time.blas of the experiment."`
}

// settings returns the settings of an experiment that the flag stands for.
func (f blasFlag) settings() []string { return setting("time.blas", f.BLAS) }

// backend returns the backend for commands without an experiment.
func (f blasFlag) backend() (tensor.Backend, error) {
	b, err := config.OpenBackend(f.BLAS)
	if err != nil {
		return nil, usage(fmt.Errorf("--blas: %w", err))
	}
	return b, nil
}

// hostingFlag is the flag of every command that can run engine actors.
type hostingFlag struct {
	Hosting string `placeholder:"NAME" help:"Engine actors: every vertex an actor (actor), or many in one (shard). Default: auto, by their number, or time.hosting of the experiment."`
}

// settings returns the settings of an experiment that the flag stands for.
func (f hostingFlag) settings() []string { return setting("time.hosting", f.Hosting) }

// parse returns the hosting for commands without an experiment.
func (f hostingFlag) parse() (actors.Hosting, error) {
	if f.Hosting == "" {
		return actors.HostAuto, nil
	}
	h, err := actors.ParseHosting(f.Hosting)
	if err != nil {
		return h, usage(fmt.Errorf("--hosting: unknown hosting %q: use one of %s", f.Hosting, strings.Join(config.Hostings(), ", ")))
	}
	return h, nil
}

// machineFlags are the flags of every command that computes with an engine of its user's choice.
type machineFlags struct {
	blasFlag
	hostingFlag
}

// settings returns the settings of an experiment that the flags stand for.
func (f machineFlags) settings() []string {
	return slices.Concat(f.blasFlag.settings(), f.hostingFlag.settings())
}

// parse returns the backend and the hosting for commands without an experiment.
func (f machineFlags) parse() (tensor.Backend, actors.Hosting, error) {
	b, err := f.backend()
	if err != nil {
		return nil, 0, err
	}
	h, err := f.hostingFlag.parse()
	return b, h, err
}

func setting(key, value string) []string {
	if value == "" {
		return nil
	}
	return []string{key + "=" + strconv.Quote(value)}
}
