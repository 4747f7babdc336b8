package main

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/retrodict/retrodict/config"
	"github.com/retrodict/retrodict/record"
	"github.com/retrodict/retrodict/study"
)

// folder returns the path of the run that name means, under the directory dir if it is no path.
func folder(dir, name string) (string, error) {
	r, err := runsFlags{Dir: dir}.find(name)
	return r.Path, err
}

// configFile returns the path of a run's own configuration.
func configFile(run string) (string, error) {
	path := filepath.Join(run, "config.yaml")
	if _, err := os.Stat(path); err != nil {
		return "", usage(errors.New(run + " has no config.yaml: it was killed before it began; run it anew"))
	}
	return path, nil
}

// resume returns the setup of the run that is to go on, and where it is.
func (c *runCommand) resume() (*config.Setup, *study.Resumption, error) {
	if c.Out != "" {
		return nil, nil, usage(errors.New("--out is for new runs: a run that is resumed goes on in its own folder"))
	}
	path, err := folder("runs", c.Resume)
	if err != nil {
		return nil, nil, err
	}
	if c.Config == "" {
		if c.Config, err = configFile(path); err != nil {
			return nil, nil, err
		}
	}
	l, err := c.load()
	if err != nil {
		return nil, nil, err
	}
	s, err := l.Open()
	if err != nil {
		return nil, nil, usage(err)
	}
	r, err := study.Resume(s, path)
	return s, r, usage(err)
}

type replayCommand struct {
	runsFlags
	Name string `arg:"" name:"run" help:"A run of free-running actors, or its journal: a folder, a name, the beginning of a name, last, or a file."`
	JSON bool   `name:"json" help:"Print one JSON object instead of text."`
}

// Run implements the command.
func (c *replayCommand) Run(t *terminal) error {
	journal := c.Name
	if info, err := os.Stat(journal); err != nil || !info.Mode().IsRegular() {
		path, err := folder(c.Dir, c.Name)
		if err != nil {
			return err
		}
		journal = filepath.Join(path, record.JournalFile)
	} else if _, err := os.Stat(filepath.Join(filepath.Dir(journal), "config.yaml")); err != nil {
		return usage(errors.New(journal + " lies in no run folder: a journal is replayed with the config.yaml beside it"))
	}
	path, err := configFile(filepath.Dir(journal))
	if err != nil {
		return err
	}
	l, err := (&experiment{Config: path}).load()
	if err != nil {
		return err
	}
	s, err := l.Open()
	if err != nil {
		return usage(err)
	}
	r, err := study.Replay(t.ctx, s, journal, study.RunOptions{Progress: newProgress(t.err)})
	var bad *study.JournalError
	switch {
	case errors.As(err, &bad):
		return usage(err)
	case err != nil:
		return failed(err)
	case c.JSON:
		err = t.printJSON(r)
	default:
		err = r.Write(t.out)
	}
	if err != nil {
		return failed(err)
	}
	if !r.Equal {
		return &exit{code: exitFailed}
	}
	return nil
}
